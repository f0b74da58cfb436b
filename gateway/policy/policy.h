/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rules of a configuration, compiled: per listener the names it answers
 * to, per route who may come in, and what he may do then.
 *
 * Made once from the configuration, whose texts it borrows; immutable after.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/hash.h"
#include "config/config.h"
#include "policy/client_id.h"
#include "policy/host.h"
#include "policy/origin_list.h"

struct acl;

/* The entry of a route's origins that stands for a listener's public_urls. */
#define POLICY_SELF "self"

struct policy_listener {
	const struct config_listener *config;
	struct host_list hosts; /* of public_urls; empty: literals only */
};

struct policy_route {
	const struct config_route *config;
	/*
	 * One list for each listener, since `self` stands for that listener's
	 * public_urls; indexed as policy->listeners.
	 */
	struct origin_list *origins;
	const struct config_upstream *upstream;
	struct client_id_rule client_id;
	struct acl *acl;       /* NULL: the route has none */
	struct hash_seed seed; /* of what its sessions remember by a hash */
};

struct policy {
	struct policy_listener *listeners; /* as in the configuration */
	size_t listener_count;
	struct policy_route *routes; /* as in the configuration */
	size_t route_count;
};

/*
 * Compiles `config`, which must outlive the result. Adds what is wrong or
 * doubtful to `problems`; NULL when there is an error among all of them, an
 * earlier one included, or no memory.
 */
struct policy *policy_create(const struct config *config,
                             struct problems *problems);

/* Frees all of it; accepts NULL. */
void policy_destroy(struct policy *policy);
