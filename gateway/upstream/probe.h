/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether the brokers are of use, for the shared area: one worker of all has
 * a client at each upstream, and keeps its connection open.
 *
 * Reachable is the server that has answered its CONNECT; not reachable are
 * those that were tried before it, and the one that is lost. A refusal of a
 * login that is not ours is an answer too.
 */
#pragma once

#include <uv.h>

#include "base/shared.h"
#include "upstream/client.h"
#include "upstream/stream.h"
#include "upstream/target.h"

struct probe;

/*
 * Begins at once; borrows all for its life. The names of their
 * servers are held in the shared area. NULL: no memory.
 */
struct probe *probe_create(struct stream_room *streams,
                           struct client_room *clients,
                           struct upstream *const *upstreams, size_t count,
                           struct shared *shared);

/* Stops; the memory goes when the loop has closed its handles. */
void probe_destroy(struct probe *probe);
