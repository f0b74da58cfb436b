/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reaches the first of an upstream's servers that answers, in TLS where its
 * URL says so, within the upstream's connect_timeout_ms for all of them
 * together; that time begins when it is its turn (base/turn.h). Each server is
 * a connection that counts; the addresses that the name of one has are tried
 * as one.
 */
#pragma once

#include <stdbool.h>

#include "upstream/cable.h"
#include "upstream/resolver.h"
#include "upstream/target.h"

struct failover;
struct shared;
struct sockaddr_storage;

struct failover_way {
	uv_loop_t *loop;
	struct resolver *resolver;
	struct upstream *upstream;
	struct shared *shared; /* NULL: it waits for no turn, and is quiet */
	uint64_t turn_ms;      /* reserved before; 0: none was */
	/* For the header in front, if the broker is to get one: the browser,
	   and where it came in; NULL: nobody. Not used after the call. */
	const struct sockaddr_storage *client;
	const struct sockaddr_storage *local;
};

/*
 * `cable` to `target` is the owner's now; or its fd is -1, and `was_tried` says
 * whether it ever was its turn. The failover is gone with this call.
 */
typedef void failover_done(void *owner, struct cable cable,
                           struct target *target, bool was_tried);

/*
 * Begins; `done` is called once, never from inside this call. What fails is in
 * the log, unless it is quiet. NULL, and no call, when there is no memory.
 */
struct failover *failover_open(const struct failover_way *way,
                               failover_done *done, void *owner);

/* Gives up; `done` is not called. Accepts NULL. */
void failover_cancel(struct failover *failover);
