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

#include "base/archive.h"
#include "base/question.h"
#include "base/record.h"
#include "base/shared.h"
#include "upstream/client.h"
#include "upstream/stream.h"
#include "upstream/target.h"

struct probe;

struct probe_setup {
	struct stream_room *streams;
	struct client_room *clients;
	struct upstream *const *upstreams;
	size_t count; /* of upstreams */
	struct shared *shared;
	struct archive *archive; /* of its connections; NULL: none */
	unsigned worker;
};

/*
 * Begins at once; borrows all for its life. The names of their
 * servers are held in the shared area. NULL: no memory.
 */
struct probe *probe_create(const struct probe_setup *setup);

/* Borrows `record` to its receiver for the call. */
typedef void probe_found(void *owner, const struct record_packed *record);

/* Tells its open connections that `question` is about; accepts NULL. */
void probe_find(const struct probe *probe, const struct question *question,
                probe_found *found, void *owner);

/* Stops; the memory goes when the loop has closed its handles. */
void probe_destroy(struct probe *probe);
