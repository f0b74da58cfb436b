/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Looks every ten seconds whether each broker address takes a connection,
 * and writes the answer to the shared area. One worker of all does it.
 */
#pragma once

#include <uv.h>

#include "base/shared.h"
#include "upstream/resolver.h"
#include "upstream/target.h"

struct probe;

/*
 * Begins at once; borrows all for its life. Servers are numbered as they
 * stand in the configuration, over all upstreams. NULL: no memory.
 */
struct probe *probe_create(uv_loop_t *loop, struct resolver *resolver,
                           struct upstream *const *upstreams, size_t count,
                           struct shared *shared);

/* Stops; the memory goes when the loop has closed its handle. */
void probe_destroy(struct probe *probe);
