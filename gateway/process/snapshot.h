/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A configuration with all that it names, read, compiled and checked: what
 * `check` looks at and what a generation of workers lives on.
 */
#pragma once

#include <stddef.h>

#include "config/config.h"
#include "front/trust.h"
#include "policy/policy.h"
#include "process/fingerprint.h"
#include "tls/listener.h"
#include "upstream/target.h"

struct snapshot {
	struct config *config;
	struct policy *policy;
	struct upstream **upstreams; /* as in the configuration */
	struct tls_listener **tls;   /* as the listeners; NULL: plain */
	struct trust **trusts;       /* as the listeners */
	struct fingerprint print;
};

/*
 * Takes `config`. Adds all that is wrong to `problems`; NULL when an error
 * was among it, the earlier ones included.
 */
struct snapshot *snapshot_create(struct config *config,
                                 struct problems *problems);

/* Accepts NULL. */
void snapshot_destroy(struct snapshot *snapshot);
