/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one piece of memory that master and workers share: what they count, how
 * they are, and the places that browsers hold in limits over all workers.
 *
 * A row belongs to one worker at a time and has that one writer; everybody
 * may read. Counters are never zeroed: the next owner of a row counts on, so
 * that no sum ever falls. Gauges and places are cleared by the master when it
 * reaps.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attribute.h"
#include "base/close.h"
#include "base/denial.h"
#include "base/latency.h"
#include "base/remote.h"

enum shared_counter {
	SHARED_CONNECTIONS = 0, /* accepted from browsers */
	SHARED_PACKETS_FROM_BROWSER,
	SHARED_PACKETS_FROM_BROKER,
	SHARED_BYTES_FROM_BROWSER,
	SHARED_BYTES_FROM_BROKER,
	SHARED_SLOW_READER_PAUSES, /* a broker was not read for its browser, */
	SHARED_SLOW_BROKER_PAUSES, /* or the other way round */
	SHARED_MESSAGES_DROPPED,   /* for a page that was slow */
	SHARED_UPSTREAM_CONNECTS,
	SHARED_UPSTREAM_FAILURES,
	SHARED_UPSTREAM_HELD_BACK, /* not begun: too many waited */
	SHARED_TAKEOVER_BACKOFFS,
	SHARED_LOG_DROPPED,     /* lines that stderr did not take */
	SHARED_CONNECT_US,      /* that the connects took, all together */
	SHARED_CONNECT_BUCKETS, /* one for each bucket of base/latency.h */
	/* One for each close_reason: of handshakes, and of sessions. */
	SHARED_REFUSALS = SHARED_CONNECT_BUCKETS + LATENCY_BUCKETS,
	SHARED_CLOSES = SHARED_REFUSALS + CLOSE_REASONS,
	SHARED_COUNTERS = SHARED_CLOSES + CLOSE_REASONS,
};

enum shared_gauge {
	SHARED_IS_ACCEPTING = 0, /* 1: polls its listeners */
	SHARED_SESSIONS,
	SHARED_STAYING, /* sessions of a retired worker that need not end */
	SHARED_MEMORY_BYTES, /* resident, as the worker last saw it */
	SHARED_HEARTBEAT,    /* goes up as the worker's loop turns */
	SHARED_QUEUE_BYTES,  /* that wait for somebody who is slow */
	SHARED_PAHO_CLIENTS,
	SHARED_PAHO_ORDERS,   /* that wait for the thread of Paho */
	SHARED_PAHO_REQUESTS, /* of pages, with Paho and not answered */
	SHARED_GAUGES,
};

enum shared_reach {
	SHARED_REACH_UNKNOWN = 0,
	SHARED_REACH_UP,
	SHARED_REACH_DOWN,
};

struct pace_limit;
struct shared;
struct shared_row;
struct takeovers;
struct ticket_keys;

/*
 * With room for `rows` workers at a time; no core file has it. NULL: the
 * system gives none.
 */
struct shared *shared_create(size_t rows);
void shared_destroy(struct shared *shared);

#define SHARED_NO_ROW SIZE_MAX

/*
 * By the master, before it forks: a row that nobody has, or SHARED_NO_ROW.
 * Its counters go on where the owner before left them.
 */
size_t shared_claim_row(struct shared *shared);
void shared_release_row(struct shared *shared, size_t index);

struct shared_row *shared_row(struct shared *shared, size_t index);

/* By the row's owner only. */
void shared_count(struct shared_row *row, enum shared_counter counter,
                  uint64_t by);
/* Counts one when it begins: `*was` is not yet what `is` says, and will be. */
void shared_count_begin(struct shared_row *row, enum shared_counter counter,
                        bool *was, bool is);
void shared_set(struct shared_row *row, enum shared_gauge gauge,
                uint64_t value);
uint64_t shared_get(const struct shared_row *row, enum shared_gauge gauge);

/*
 * Gauges and places. By the master, after waitpid: the row is nobody's until
 * the next fork.
 */
void shared_clear_row(struct shared_row *row);

/* How many rows have an owner. */
size_t shared_owners(const struct shared *shared);

/* When the area was made, in seconds since 1970. */
uint64_t shared_began_s(const struct shared *shared);

/* Over all rows. */
uint64_t shared_sum_counter(const struct shared *shared,
                            enum shared_counter counter);
uint64_t shared_sum_gauge(const struct shared *shared, enum shared_gauge gauge);

/* Sessions of the accepting worker that has the fewest; 0 when none accepts. */
uint64_t shared_least_sessions(const struct shared *shared);

/*
 * What is counted by name: routes by their path, broker addresses by their
 * upstream and URL. The master holds the names of all configurations that
 * live; a name has the same number as long as one of them has it.
 */
enum shared_sort_of_name {
	SHARED_ROUTES = 0,
	SHARED_SERVERS,
	SHARED_SORTS_OF_NAME,
};

struct shared_name {
	enum shared_sort_of_name sort;
	const char *text;  /* the path, or the URL */
	const char *scope; /* NULL, or the upstream */
};

/* By the master; false when there are too many (ROLL_NAMES). */
bool shared_hold_name(struct shared *shared,
                      const struct shared_name *name) MUST_CHECK;
void shared_release_name(struct shared *shared, const struct shared_name *name);

/* The number of a path or an address that is held. */
size_t shared_route(const struct shared *shared, const char *path);
size_t shared_server(const struct shared *shared, const char *upstream,
                     const char *url);

/* Whether broker address `server` answered the last look at it. */
void shared_set_reach(struct shared *shared, size_t server,
                      enum shared_reach reach);
enum shared_reach shared_reach(const struct shared *shared, size_t server);

/* What was denied on a route, by whichever worker. */
void shared_count_denied(struct shared *shared, size_t route,
                         enum denial denial);
uint64_t shared_denied(const struct shared *shared, size_t route,
                       enum denial denial);

/* Sessions of a route that have reached their broker, ever. */
void shared_count_opened(struct shared *shared, size_t route);
uint64_t shared_opened(const struct shared *shared, size_t route);

/* Sessions of a route: how many its owner has now, and all together. */
void shared_set_sessions(struct shared_row *row, size_t route, uint32_t count);
uint32_t shared_get_sessions(const struct shared_row *row, size_t route);
uint64_t shared_sum_sessions(const struct shared *shared, size_t route);

/* What only the master does, and so only it counts. */
enum shared_deed {
	SHARED_RESTARTS = 0, /* of workers that had died */
	SHARED_RELOADS,
	SHARED_RELOADS_FAILED,
	SHARED_DEEDS,
};

void shared_count_deed(struct shared *shared, enum shared_deed deed);
uint64_t shared_deeds(const struct shared *shared, enum shared_deed deed);

/* Whether the end has begun. */
void shared_set_draining(struct shared *shared);
bool shared_is_draining(const struct shared *shared);

/*
 * Limits over all workers and generations. What is limited goes by a key: of
 * a sort, within a scope (the path of a route, the name of a listener), and
 * of one remote or, with NULL, of all.
 */
enum shared_sort {
	SHARED_PLACE_IN_ROUTE = 0,
	SHARED_PLACE_AT_LISTENER,
	SHARED_PACE_AT_LISTENER,
	SHARED_PACE_AT_UPSTREAM,   /* of turns, see base/turn.h; */
	SHARED_PACE_OF_CONNECTS,   /* of those that come of them; */
	SHARED_PACE_OF_TURN_LINES, /* and of what the log says of both */
	SHARED_CLIENT_ID_AT,       /* see base/takeover.h */
	SHARED_CLIENT_ID,
};

/* Never 0. */
uint64_t shared_key(const struct shared *shared, enum shared_sort sort,
                    const char *scope, const struct remote *remote);

enum shared_answer {
	SHARED_GRANTED = 0,
	SHARED_LIMIT_REACHED,
	SHARED_ROW_FULL, /* no room to count one more key */
};

/*
 * Takes one of the `most` places (not 0) of `key` for the owner of `row`,
 * which holds it until it gives it back or is cleared. Never one too many,
 * whoever else asks at this moment; of those who do, one gets the last place.
 */
enum shared_answer shared_take_place(struct shared *shared,
                                     struct shared_row *row, uint64_t key,
                                     uint64_t most) MUST_CHECK;
void shared_give_place(struct shared_row *row, uint64_t key);

/* How many places of `key` are taken. */
uint64_t shared_places(const struct shared *shared, uint64_t key);

/* Whether one more of `key` at `now_ms` is no more than `per_s` (not 0). */
bool shared_keeps_pace(struct shared *shared, uint64_t key, uint64_t now_ms,
                       uint32_t per_s) MUST_CHECK;

/* A moment for one more of `key`, of few keys: see pace_reserve. */
bool shared_reserve(struct shared *shared, uint64_t key,
                    const struct pace_limit *limit, uint64_t now_ms,
                    uint64_t most_ms, uint64_t *wait_ms) MUST_CHECK;

void shared_give_back(struct shared *shared, uint64_t key, uint64_t step_ns);

struct takeovers *shared_takeovers(struct shared *shared);

/* See base/ticket_keys.h; they have not begun yet. */
struct ticket_keys *shared_ticket_keys(struct shared *shared);
