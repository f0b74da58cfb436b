/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How much memory a worker has, and what it does when all of them together
 * come near the bound of the configuration.
 *
 * What counts is the sum of what all workers tell. A worker is forked from the
 * master, so that what the master has is in it. From REFUSE on nobody else is
 * let in, from CUT on the longest queues go; below, service goes on by itself.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <uv.h>

#include "base/attribute.h"
#include "base/log.h"
#include "config/config.h"
#include "front/server.h"
#include "session/session.h"

struct footprint {
	struct session_room *sessions;
	struct server *server;
	int statm; /* the kernel's figures of this process */
	uv_timer_t look;
	bool is_short;   /* of memory: nobody is let in */
	bool said_short; /* what the log has said of it */
	struct log_limit state_limit;
	struct log_limit cut_limit;
};

/*
 * Begins to look, on the loop of `sessions`; borrows both. False: the kernel
 * does not tell (logged).
 */
bool footprint_open(struct footprint *footprint, struct session_room *sessions,
                    struct server *server) MUST_CHECK;

/* Run the loop out after it. */
void footprint_close(struct footprint *footprint);

/* Refuses a bound that the workers reach with no session at all. */
void footprint_review(const struct config *config, struct problems *problems);
