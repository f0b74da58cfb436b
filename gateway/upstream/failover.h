/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reaches the first of an upstream's servers that answers, within the
 * upstream's connect_timeout_ms for all of them together; that time begins
 * when it is its turn (base/turn.h). Each server is a connection that counts;
 * the addresses that the name of one has are tried as one.
 */
#pragma once

#include <stdbool.h>

#include "upstream/dial.h"
#include "upstream/target.h"

struct failover;
struct shared;

struct failover_way {
	uv_loop_t *loop;
	struct resolver *resolver;
	struct upstream *upstream;
	struct shared *shared; /* NULL: it waits for no turn, and is quiet */
	uint64_t turn_ms;      /* reserved before; 0: none was */
};

/*
 * Begins; `done` as in dial.h: called once, never from inside this call; `why`
 * is NULL when it never was its turn. What fails is in the log, unless it is
 * quiet.
 */
struct failover *failover_open(const struct failover_way *way, dial_done *done,
                               void *owner);

/* Gives up; `done` is not called. Accepts NULL. */
void failover_cancel(struct failover *failover);
