/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The names a listener answers to: the defence against DNS rebinding.
 *
 * A page that makes its own name point at the gateway sends that name as
 * Host, so a name that nobody configured is turned away. The port counts for
 * nothing here. Allocates nothing when it checks.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/attribute.h"
#include "base/close.h"
#include "policy/authority.h"
#include "policy/header.h"

struct host_list {
	struct authority_host *list; /* owned; names are the configuration's */
	size_t count; /* 0: address literals and localhost only */
};

/* Adds a copy of `host`; false: no memory, nothing changed. */
MUST_CHECK bool host_list_add(struct host_list *hosts,
                              const struct authority_host *host);
void host_list_finish(struct host_list *hosts);

/*
 * CLOSE_NONE; CLOSE_BAD_REQUEST when it is not one field that holds a host
 * with or without a port; CLOSE_BAD_HOST when the host is not ours.
 */
enum close_reason host_check(const struct host_list *hosts,
                             const struct header *header);
