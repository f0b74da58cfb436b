/* SPDX-License-Identifier: Apache-2.0 */
#include "session/session.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "session/journal.h"
#include "session/steering.h"

bool session_room_init(struct session_room *room)
{
	return stream_room_init(&room->streams, room->loop);
}

void session_room_close(struct session_room *room)
{
	stream_room_close(&room->streams);
}

void session_room_finish(struct session_room *room)
{
	assert(!room->first);
	stream_room_finish(&room->streams);
}

bool session_room_is_empty(const struct session_room *room)
{
	return room->count == 0 && room->streams.lingering == 0;
}

static void link_session(struct session *session)
{
	struct session_room *room = session->room;

	session->next = room->first;
	if (room->first)
		room->first->previous = session;
	room->first = session;
	room->count++;
	shared_set(room->row, SHARED_SESSIONS, room->count);
}

static void unlink_session(struct session *session)
{
	struct session_room *room = session->room;

	if (session->previous)
		session->previous->next = session->next;
	else
		room->first = session->next;
	if (session->next)
		session->next->previous = session->previous;
	room->count--;
	shared_set(room->row, SHARED_SESSIONS, room->count);
}

/* The browser's side. */

static void on_browser_data(void *owner, struct slice piece, bool is_text)
{
	struct session *session = owner;

	session->bytes_up += piece.len;
	if (session->is_metered)
		limits_count_bytes(&session->limits, piece.len,
		                   uv_now(session->room->loop));
	shared_count(session->room->row, SHARED_BYTES_FROM_BROWSER, piece.len);
	if (is_text) {
		session_close(session, CLOSE_TEXT_FRAME);
		return;
	}
	relay_from_browser(session, piece);
	steering_watch_packet(session, piece.len);
}

static void on_browser_drained(void *owner)
{
	steering_settle(owner);
}

/* What it sent before it left is on its way to the broker: not lost. */
static void on_browser_gone(void *owner, enum close_reason reason)
{
	struct session *session = owner;

	session->ws = NULL;
	if (session->state == SESSION_OPENING && session->stream) {
		session->gone = reason;
		return;
	}
	session->is_metered = false;
	session->is_held = false;
	if (relay_holds(&session->relay))
		relay_go_on(session);
	session_close(session, reason);
}

static const struct ws_events ws_events = {
	.on_data = on_browser_data,
	.on_drained = on_browser_drained,
	.on_gone = on_browser_gone,
};

/* The broker's side. */

static void on_upstream_open(void *owner)
{
	struct session *session = owner;

	session->state = SESSION_OPEN;
	shared_count(session->room->row, SHARED_UPSTREAM_CONNECTS, 1);
	shared_count(session->room->row, SHARED_SESSIONS_OPENED, 1);
	journal_opened(session);
	if (session->ws)
		ws_resume(session->ws);
	relay_begin(session);
	if (session->gone != CLOSE_NONE)
		on_browser_gone(session, session->gone);
}

static void on_upstream_failed(void *owner)
{
	struct session *session = owner;

	shared_count(session->room->row, SHARED_UPSTREAM_FAILURES, 1);
	session_close(session, CLOSE_UPSTREAM_UNREACHABLE);
}

static void on_upstream_data(void *owner, uint8_t *data, size_t len)
{
	struct session *session = owner;

	session->bytes_down += len;
	shared_count(session->room->row, SHARED_BYTES_FROM_BROKER, len);
	relay_from_broker(session, data, len);
}

static void on_upstream_full(void *owner)
{
	struct session *session = owner;

	if (session->ws)
		ws_pause(session->ws);
}

static void on_upstream_drained(void *owner)
{
	steering_settle(owner);
}

static void on_upstream_closed(void *owner)
{
	struct session *session = owner;

	session_close(session, relay_end_reason(session));
}

static const struct stream_events stream_events = {
	.on_open = on_upstream_open,
	.on_failed = on_upstream_failed,
	.on_data = on_upstream_data,
	.on_full = on_upstream_full,
	.on_drained = on_upstream_drained,
	.on_closed = on_upstream_closed,
};

bool session_dial(struct session *session)
{
	struct session_room *room = session->room;
	const struct config_upstream *config = session->route->upstream;
	struct upstream *upstream =
	    room->upstreams[config - room->config->upstreams];

	alarm_cancel(&session->alarm, ALARM_DEADLINE);
	session->stream =
	    stream_open(&room->streams, upstream, &stream_events, session);
	return session->stream != NULL;
}

/* From the first to the last. */

static void on_due(void *owner, enum alarm_cause cause)
{
	struct session *session = owner;

	switch (cause) {
	case ALARM_DEADLINE:
		if (session->state == SESSION_OPENING)
			session_close(session, CLOSE_CONNECT_TIMEOUT);
		else
			steering_packet_late(session);
		break;
	case ALARM_HELD:
		steering_hold_over(session);
		break;
	case ALARM_DRAIN:
		session_close(session, CLOSE_DRAIN);
		break;
	case ALARMS:
		break;
	}
}

bool session_open(struct session_room *room, struct ws *ws)
{
	struct session *session = calloc(1, sizeof *session);

	if (!session)
		return false;
	session->room = room;
	session->route = ws->route;
	session->ws = ws;
	session->browser = ws->browser;
	ws->browser = (struct ws_browser){ 0 };
	session->started_ms = uv_now(room->loop);
	snprintf(session->id, sizeof session->id, "w%u-%llu", room->worker,
	         (unsigned long long)++room->opened);
	relay_init(session);
	limits_init(&session->limits, &ws->route->config->limits,
	            session->started_ms);
	session->is_metered =
	    session->limits.is_any ||
	    session->route->config->audit != CONFIG_AUDIT_NONE;
	alarm_init(&session->alarm, room->loop, on_due, session);
	alarm_set(&session->alarm, ALARM_DEADLINE,
	          ws->route->config->connect_timeout_s * UINT64_C(1000));
	link_session(session);
	ws_set_owner(ws, &ws_events, session);
	return true;
}

static void on_alarm_closed(uv_handle_t *handle)
{
	struct session *session = handle->data;

	relay_finish(&session->relay);
	ws_browser_finish(&session->browser);
	free(session);
}

static void tell_browser(struct session *session, enum close_reason reason)
{
	const struct close_answer *answer = close_answer(reason);
	uint16_t code = reason == CLOSE_BROWSER_CLOSED ? WS_CLOSE_NORMAL
	                                               : answer->mqtt_frame;

	relay_say_farewell(session, reason);
	ws_close(session->ws, code, answer->word);
}

void session_close(struct session *session, enum close_reason reason)
{
	if (session->state == SESSION_CLOSED)
		return;
	session->state = SESSION_CLOSED;
	journal_closed(session, reason);
	shared_count(session->room->row,
	             (enum shared_counter)(SHARED_REASONS + (int)reason), 1);
	if (session->ws)
		tell_browser(session, reason);
	session->ws = NULL;
	stream_close(session->stream);
	session->stream = NULL;
	unlink_session(session);
	alarm_close(&session->alarm, on_alarm_closed);
}

void session_drain_all(struct session_room *room, uint64_t spread_ms)
{
	for (struct session *s = room->first; s; s = s->next) {
		uint64_t delay =
		    spread_ms > 0 ? (uint64_t)random() % spread_ms : 0;

		alarm_set(&s->alarm, ALARM_DRAIN, delay);
	}
}
