/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The MQTT side of a session whose page speaks none: a client of ours, held
 * at the broker for as long as the session lives, however often the broker
 * goes away meanwhile.
 *
 * It connects, and connects again after a random while that grows; sends what
 * waits in the outbox, a window of it at a time; and sees to it that each
 * request is answered once. Its connection is the session's relay, one after
 * the other. What a page hears of all this is its kind's business.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attribute.h"
#include "base/close.h"
#include "mqtt/publish.h"
#include "page/outbox.h"
#include "session/alarm.h"

struct session;

#define LINE_CLIENT_ID_BYTES 24 /* MQTT 3.1 takes no more than 23 */

struct line_events {
	/* The broker has answered CONNECT; what waits is sent after this. */
	void (*on_up)(struct session *session, bool has_session);
	/* It is away, and tried again in line->retry_ms. */
	void (*on_down)(struct session *session);
	/* A code for each filter, or the one of a PUBLISH [MQTT5 2.4]. The
	   request is gone after this. */
	void (*on_answer)(struct session *session,
	                  const struct request *request, const uint8_t *codes,
	                  size_t count);
	void (*on_message)(struct session *session,
	                   const struct message *message);
	/* After each step: there may be room in the outbox. */
	void (*on_settled)(struct session *session);
};

/* Zeroed: not open. */
struct line {
	const struct line_events *events;
	struct client *client;
	char client_id[LINE_CLIENT_ID_BYTES]; /* before the route's rule */
	bool is_up;     /* CONNACK came, and the connection is there */
	bool was_up;    /* since the last attempt; for on_down */
	uint64_t up_ms; /* since when */
	bool has_been_up;
	bool is_waiting;          /* until it is tried again */
	struct slice own_topic;   /* where its responses come; may be empty */
	unsigned failures;        /* in a row */
	uint64_t retry_ms;        /* from the loss to the next attempt */
	size_t window;            /* requests that may be under way */
	enum close_reason ending; /* the session ends when all is sent */
	struct outbox outbox;
};

/* Begins to connect; false: no memory. Borrows `events` and `own_topic`. */
bool line_open(struct session *session, const struct line_events *events,
               struct slice own_topic) MUST_CHECK;

/* With the session's memory; zeroed is fine. */
void line_finish(struct line *line);

/* Sends what may go. To be called after the outbox was added to. */
void line_settle(struct session *session);

/*
 * Whether the broker is known to be away: then what has no place is refused,
 * while otherwise the page is not read on for a moment.
 */
bool line_is_away(const struct session *session);

/* Whether more than half of what may wait does. */
bool line_is_behind(const struct session *session);

/* Whether `size` more octets have no place in the outbox. */
bool line_is_full(const struct session *session, size_t size);

/*
 * Ends the session with `reason` once the broker has what it was promised: at
 * once if that is nothing or cannot be had, after seconds at the most.
 */
void line_end(struct session *session, enum close_reason reason);

/*
 * The session is closed: the broker gets a DISCONNECT if the page has left in
 * good order, and else just the end.
 */
void line_close(struct session *session);

/* Ends a request with what came of it; for the files of the line. */
void line_answer(struct session *session, struct request *request,
                 const uint8_t *codes, size_t count);

/* For the kind: what its relay and its alarm say. */
void line_relay_opened(struct session *session);
void line_relay_ended(struct session *session, enum close_reason reason);
void line_published(struct session *session, const struct mqtt_publish *publish,
                    size_t payload, bool is_refused);
void line_due(struct session *session, enum alarm_cause cause);
