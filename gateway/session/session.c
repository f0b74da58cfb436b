/* SPDX-License-Identifier: Apache-2.0 */
#include "session/session.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "session/journal.h"
#include "session/steering.h"

bool session_room_init(struct session_room *room)
{
	return stream_room_init(&room->streams, room->loop, room->shared);
}

void session_room_close(struct session_room *room)
{
	stream_room_close(&room->streams);
}

void session_room_finish(struct session_room *room)
{
	assert(!room->first && room->waiting == 0);
	dismissal_finish(&room->dismissal);
	stream_room_finish(&room->streams);
}

bool session_room_is_empty(const struct session_room *room)
{
	return room->count == 0 && room->streams.lingering == 0;
}

/* Of its route one more, or one less, in the gauges that all may read. */
static void count_session(const struct session *session, int change)
{
	struct session_room *room = session->room;
	size_t route = session->route_number;
	uint32_t before = shared_get_sessions(room->row, route);

	shared_set(room->row, SHARED_SESSIONS, room->count);
	shared_set_sessions(room->row, route, before + (uint32_t)change);
}

static void link_session(struct session *session)
{
	struct session_room *room = session->room;

	session->next = room->first;
	if (room->first)
		room->first->previous = session;
	room->first = session;
	room->count++;
	count_session(session, 1);
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
	count_session(session, -1);
}

/* The browser's side. */

static void on_browser_data(void *owner, const struct ws_piece *piece)
{
	struct session *session = owner;
	size_t len = piece->bytes.len;

	session->bytes_up += len;
	if (session->is_metered)
		limits_count_bytes(&session->limits, len,
		                   uv_now(session->room->loop));
	shared_count(session->room->row, SHARED_BYTES_FROM_BROWSER, len);
	session->kind->on_data(session, piece);
}

static void on_browser_drained(void *owner)
{
	struct session *session = owner;

	session->kind->on_drained(session);
}

/* A page that has closed its socket itself: not a tab that was closed. */
static bool is_farewell(uint16_t code)
{
	return code == WS_CLOSE_NONE || code == WS_CLOSE_NORMAL ||
	       code >= WS_CLOSE_OF_PAGES;
}

static void on_browser_gone(void *owner, enum close_reason reason)
{
	struct session *session = owner;

	session->has_said_farewell = reason == CLOSE_BROWSER_CLOSED &&
	                             is_farewell(session->ws->said_code);
	session->ws = NULL;
	session->kind->on_gone(session, reason);
}

static const struct ws_events ws_events = {
	.on_data = on_browser_data,
	.on_drained = on_browser_drained,
	.on_gone = on_browser_gone,
};

/* The broker's side. */

void session_opened(struct session *session)
{
	session->state = SESSION_OPEN;
	shared_count_opened(session->room->shared, session->route_number);
	journal_opened(session);
}

void session_end_relay(struct session *session, enum close_reason reason)
{
	session->kind->on_relay_end(session, reason);
}

/* From the first to the last. */

static void on_deadline(struct session *session)
{
	if (session->relay.state == RELAY_OPEN)
		steering_packet_late(session);
	else
		session_end_relay(session, CLOSE_CONNECT_TIMEOUT);
}

static void on_due(void *owner, enum alarm_cause cause)
{
	struct session *session = owner;

	switch (cause) {
	case ALARM_DEADLINE:
		on_deadline(session);
		break;
	case ALARM_HELD:
		steering_hold_over(session);
		break;
	case ALARM_DRAIN:
		session->kind->end(session, session->due);
		break;
	case ALARM_RETRY:
	case ALARM_ENDING:
	case ALARM_KIND:
		session->kind->on_due(session, cause);
		break;
	case ALARMS:
		break;
	}
}

/* Who and what it is; nothing of it is under way yet. */
static void set_up(struct session *session, struct session_room *room,
                   struct ws *ws)
{
	const struct config_route *config = ws->route->config;

	session->room = room;
	session->kind = room->kinds[config->kind];
	session->route = ws->route;
	session->route_number = shared_route(room->shared, config->path.value);
	session->ws = ws;
	session->browser = ws->browser;
	ws->browser = (struct ws_browser){ 0 };
	session->started_ms = uv_now(room->loop);
	snprintf(session->id, sizeof session->id, "w%u-%llu", room->worker,
	         (unsigned long long)++room->opened);
	limits_init(&session->limits, &config->limits, session->started_ms);
	session->is_metered =
	    session->limits.is_any || config->audit != CONFIG_AUDIT_NONE;
	alarm_init(&session->alarm, room->loop, on_due, session);
}

static void on_alarm_closed(uv_handle_t *handle)
{
	struct session *session = handle->data;

	session->kind->finish(session);
	relay_finish(&session->relay);
	ws_browser_finish(&session->browser);
	free(session);
}

static uint64_t moment_within(uint64_t spread_ms)
{
	return spread_ms > 0 ? (uint64_t)random() % spread_ms : 0;
}

/* Nobody is put off who has an earlier moment already. */
static void dismiss(struct session *session)
{
	const struct session_room *room = session->room;
	uint64_t moment_ms = moment_within(room->dismissal.spread_ms);
	const struct policy_route *route = session->route;
	enum close_reason reason = dismissal_reason(
	    &room->dismissal, (size_t)(route->config - room->config->routes),
	    session->browser.listener_number);

	if (reason == CLOSE_NONE ||
	    alarm_is_set_within(&session->alarm, ALARM_DRAIN, moment_ms))
		return;
	session->due = reason;
	alarm_set(&session->alarm, ALARM_DRAIN, moment_ms);
}

void session_dismiss(struct session_room *room, struct dismissal dismissal)
{
	dismissal_finish(&room->dismissal);
	room->dismissal = dismissal;
	for (struct session *s = room->first; s; s = s->next)
		dismiss(s);
}

size_t session_count_staying(const struct session_room *room)
{
	size_t count = 0;

	for (const struct session *s = room->first; s; s = s->next)
		count += !alarm_is_set(&s->alarm, ALARM_DRAIN);
	return count;
}

bool session_open(struct session_room *room, struct ws *ws)
{
	struct session *session = calloc(1, sizeof *session);

	if (!session)
		return false;
	set_up(session, room, ws);
	if (!session->kind->open(session)) {
		alarm_close(&session->alarm, on_alarm_closed);
		return false;
	}
	link_session(session);
	ws_set_owner(ws, &ws_events, session);
	dismiss(session);
	return true;
}

void session_close(struct session *session, enum close_reason reason)
{
	if (session->state == SESSION_CLOSED)
		return;
	session->state = SESSION_CLOSED;
	journal_closed(session, reason);
	roster_leave(session, reason);
	shared_count(session->room->row,
	             (enum shared_counter)(SHARED_CLOSES + (int)reason), 1);
	session->kind->close(session, reason);
	session->ws = NULL;
	relay_close(session);
	unlink_session(session);
	alarm_close(&session->alarm, on_alarm_closed);
}

void session_drain_all(struct session_room *room, uint64_t spread_ms)
{
	for (struct session *s = room->first; s; s = s->next) {
		s->due = CLOSE_DRAIN;
		alarm_set(&s->alarm, ALARM_DRAIN, moment_within(spread_ms));
	}
}
