/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one piece of memory that master and workers share: what they count and
 * how they are.
 *
 * A row belongs to one worker at a time and has that one writer; everybody
 * may read. Counters are never zeroed: the next owner of a row counts on, so
 * that no sum ever falls. Gauges are cleared by the master when it reaps.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attribute.h"
#include "base/close.h"

enum shared_counter {
	SHARED_CONNECTIONS = 0, /* accepted from browsers */
	SHARED_SESSIONS_OPENED,
	SHARED_BYTES_FROM_BROWSER,
	SHARED_BYTES_FROM_BROKER,
	SHARED_UPSTREAM_CONNECTS,
	SHARED_UPSTREAM_FAILURES,
	SHARED_REASONS, /* one for each close_reason from here on */
	SHARED_COUNTERS = SHARED_REASONS + CLOSE_REASONS,
};

enum shared_gauge {
	SHARED_IS_ACCEPTING = 0, /* 1: polls its listeners */
	SHARED_SESSIONS,
	SHARED_HEARTBEAT, /* goes up as the worker's loop turns */
	SHARED_GAUGES,
};

enum shared_reach {
	SHARED_REACH_UNKNOWN = 0,
	SHARED_REACH_UP,
	SHARED_REACH_DOWN,
};

struct shared;
struct shared_row;

/* `servers` is how many broker addresses the configuration names. */
struct shared *shared_create(size_t rows, size_t servers);
void shared_destroy(struct shared *shared);

struct shared_row *shared_row(struct shared *shared, size_t index);

/* By the row's owner only. */
void shared_count(struct shared_row *row, enum shared_counter counter,
                  uint64_t by);
void shared_set(struct shared_row *row, enum shared_gauge gauge,
                uint64_t value);
uint64_t shared_get(const struct shared_row *row, enum shared_gauge gauge);

/* By the master, after waitpid: the row is nobody's until the next fork. */
void shared_clear_gauges(struct shared_row *row);

/* Over all rows. */
uint64_t shared_sum_counter(const struct shared *shared,
                            enum shared_counter counter);
uint64_t shared_sum_gauge(const struct shared *shared, enum shared_gauge gauge);

/* Sessions of the accepting worker that has the fewest; 0 when none accepts. */
uint64_t shared_least_sessions(const struct shared *shared);

/* Whether broker address `server` answered the last look at it. */
void shared_set_reach(struct shared *shared, size_t server,
                      enum shared_reach reach);
enum shared_reach shared_reach(const struct shared *shared, size_t server);

/* The master's own: workers started again, and whether the end has begun. */
void shared_count_restart(struct shared *shared);
uint64_t shared_restarts(const struct shared *shared);
void shared_set_draining(struct shared *shared);
bool shared_is_draining(const struct shared *shared);
