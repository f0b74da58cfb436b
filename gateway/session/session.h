/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A session: one browser, one MQTT connection to the broker at a time, one
 * way to die.
 *
 *   OPENING   the upgrade is done; the upstream was not there yet
 *   OPEN      it was, and the log has said so
 *   CLOSED    both sides were told; the memory goes at the end of the turn
 *
 * What goes on between the two, its kind says (session/kind.h). A session
 * owns its relay and its alarm. The ws belongs to lws and is only used while
 * it is there. Nothing else keeps a pointer to a session.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <uv.h>

#include "base/attribute.h"
#include "base/close.h"
#include "base/log.h"
#include "base/shared.h"
#include "front/ws.h"
#include "policy/limits.h"
#include "policy/policy.h"
#include "session/alarm.h"
#include "session/dismissal.h"
#include "session/kind.h"
#include "session/relay.h"
#include "upstream/stream.h"
#include "upstream/target.h"

#define SESSION_ID_BYTES 32

/* What the sessions of a worker share. */
struct session_room {
	uv_loop_t *loop;
	const struct config *config;
	struct shared *shared;
	struct shared_row *row;
	struct stream_room streams;
	struct upstream *const *upstreams;       /* as in the configuration */
	const struct session_kind *const *kinds; /* by their config_kind */
	struct page_room *pages;    /* for the kinds that need it */
	struct archive *archive;    /* of their connections; NULL: none */
	unsigned worker;            /* its number, part of every id */
	uint64_t opened;            /* sessions so far */
	size_t count;               /* not closed */
	size_t waiting;             /* octets that their relays hold back */
	struct session *first;      /* the list of those */
	struct dismissal dismissal; /* of sessions that are to end */
	uint64_t log_tried_ms;      /* audit: the last look, */
	bool is_log_behind;         /* and what it found */
};

enum session_state {
	SESSION_OPENING = 0,
	SESSION_OPEN,
	SESSION_CLOSED,
};

struct session {
	struct session_room *room;
	struct session *next;
	struct session *previous;
	char id[SESSION_ID_BYTES]; /* w17-41: worker, number */
	enum session_state state;
	const struct session_kind *kind;
	const struct policy_route *route;
	size_t route_number; /* in the shared area */
	struct ws *ws;       /* NULL once the browser is gone, or was told */
	struct ws_browser browser;
	enum close_reason gone; /* of a browser that left before OPEN */
	struct relay relay;
	struct alarm alarm;
	enum close_reason due; /* what ALARM_DRAIN ends it with */
	struct limits limits;
	struct log_limit denied_limit;
	struct log_limit withheld_limit; /* of what others did */
	bool has_said_farewell;          /* its page has closed by itself */
	struct page *page;               /* json, channel */
	bool is_metered; /* the route limits its speed, or audits */
	uint64_t started_ms;
	uint64_t bytes_up;   /* from the browser */
	uint64_t bytes_down; /* from the broker */
};

/*
 * Of `room` the loop, configuration, upstreams, shared area, row, worker and
 * wants_clients are set, all borrowed. False when there is no memory.
 */
bool session_room_init(struct session_room *room) MUST_CHECK;

/* Closes its handles; then, once the loop has run out, gives back the rest. */
void session_room_close(struct session_room *room);
void session_room_finish(struct session_room *room);

/* Begins a session for a browser that has come in; false: no memory. */
bool session_open(struct session_room *room, struct ws *ws) MUST_CHECK;

/* Ends each session (`drain`) at a moment of its own within `spread_ms`. */
void session_drain_all(struct session_room *room, uint64_t spread_ms);

/*
 * Ends those of `dismissal`, which is taken, and those that will come to be
 * such: each with its reason, within the time of the dismissal.
 */
void session_dismiss(struct session_room *room, struct dismissal dismissal);

/* Sessions that have not been told to end; walks over all. */
size_t session_count_staying(const struct session_room *room);

/* Whether nothing of any session is left, lingering streams included. */
bool session_room_is_empty(const struct session_room *room);

/* Its upstream is there for the first time: it is open, and logged. */
void session_opened(struct session *session);

/* For its relay, which cannot go on: what that means, its kind says. */
void session_end_relay(struct session *session, enum close_reason reason);

/* Ends it: tells the browser why, lets the broker see the end, logs. */
void session_close(struct session *session, enum close_reason reason);
