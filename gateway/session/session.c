/* SPDX-License-Identifier: Apache-2.0 */
#include "session/session.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"

bool session_room_init(struct session_room *room, uv_loop_t *loop,
                       const struct config *config,
                       struct upstream *const *upstreams,
                       struct shared_row *row, unsigned worker)
{
	*room = (struct session_room){ .loop = loop,
		                       .config = config,
		                       .upstreams = upstreams,
		                       .row = row,
		                       .worker = worker };
	return stream_room_init(&room->streams, loop);
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
	shared_count(session->room->row, SHARED_BYTES_FROM_BROWSER, piece.len);
	if (is_text)
		session_close(session, CLOSE_TEXT_FRAME);
	else
		relay_from_browser(session, piece);
}

static void on_browser_drained(void *owner)
{
	struct session *session = owner;

	if (session->stream)
		stream_resume(session->stream);
}

/* What it sent before it left is on its way to the broker: not lost. */
static void on_browser_gone(void *owner, enum close_reason reason)
{
	struct session *session = owner;

	session->ws = NULL;
	if (session->state == SESSION_OPENING && session->stream)
		session->gone = reason;
	else
		session_close(session, reason);
}

static const struct ws_events ws_events = {
	.on_data = on_browser_data,
	.on_drained = on_browser_drained,
	.on_gone = on_browser_gone,
};

/* The broker's side. */

static const char *or_dash(const char *text)
{
	return text ? text : "-";
}

#define FIELDS_WHO 9
#define FIELDS_END 5 /* reason, up, down, seconds, and the end of the list */

/* Who and what the session is: the same in both of its lines. */
static void describe(const struct session *session, struct log_field *fields)
{
	const struct ws_browser *browser = &session->browser;
	const struct stream *stream = session->stream;
	const struct log_field who[FIELDS_WHO] = {
		log_text("user", or_dash(session->user)),
		log_text("from", browser->from),
		log_text("origin", or_dash(browser->origin)),
		log_text("route", session->route->config->path.value),
		log_text("listener", browser->listener),
		log_text("tls", browser->tls),
		log_text("client_id", or_dash(session->client_id)),
		log_text("upstream", stream ? stream_remote(stream) : "-"),
		log_text("local", stream ? stream_local(stream) : "-"),
	};

	memcpy(fields, who, sizeof who);
}

static void log_event(const struct session *session, const char *event,
                      const struct log_field *fields)
{
	char message[SESSION_ID_BYTES + 24];

	snprintf(message, sizeof message, "session %s %s", session->id, event);
	log_info(message, fields);
}

static void log_opened(const struct session *session)
{
	struct log_field fields[FIELDS_WHO + 1] = { 0 };

	describe(session, fields);
	log_event(session, "opened", fields);
}

static void log_closed(const struct session *session, enum close_reason reason)
{
	struct log_field fields[FIELDS_WHO + FIELDS_END] = { 0 };
	struct log_field *last = fields + 1 + FIELDS_WHO;
	uint64_t ms = uv_now(session->room->loop) - session->started_ms;
	char seconds[32];

	snprintf(seconds, sizeof seconds, "%llu.%03u",
	         (unsigned long long)(ms / 1000), (unsigned)(ms % 1000));
	fields[0] = log_text("reason", close_answer(reason)->word);
	describe(session, fields + 1);
	last[0] = log_number("up", session->bytes_up);
	last[1] = log_number("down", session->bytes_down);
	last[2] = log_text("seconds", seconds);
	log_event(session, "closed", fields);
}

static void on_upstream_open(void *owner)
{
	struct session *session = owner;

	session->state = SESSION_OPEN;
	shared_count(session->room->row, SHARED_UPSTREAM_CONNECTS, 1);
	shared_count(session->room->row, SHARED_SESSIONS_OPENED, 1);
	log_opened(session);
	if (session->ws)
		ws_resume(session->ws);
	relay_begin(session);
	if (session->gone != CLOSE_NONE)
		session_close(session, session->gone);
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
	struct session *session = owner;

	if (session->ws)
		ws_resume(session->ws);
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
	const struct config_upstream *config =
	    config_find_upstream(room->config, session->route->config);
	struct upstream *upstream =
	    room->upstreams[config - room->config->upstreams];

	uv_timer_stop(&session->timer);
	session->stream =
	    stream_open(&room->streams, upstream, &stream_events, session);
	return session->stream != NULL;
}

/* From the first to the last. */

static void on_connect_late(uv_timer_t *timer)
{
	session_close(timer->data, CLOSE_CONNECT_TIMEOUT);
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
	relay_init(&session->relay, &ws->route->config->limits);
	uv_timer_init(room->loop, &session->timer);
	session->timer.data = session;
	uv_timer_start(&session->timer, on_connect_late,
	               ws->route->config->connect_timeout_s * UINT64_C(1000),
	               0);
	link_session(session);
	ws_set_owner(ws, &ws_events, session);
	return true;
}

static void on_timer_closed(uv_handle_t *handle)
{
	struct session *session = handle->data;

	relay_finish(&session->relay);
	free(session->user);
	free(session->client_id);
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
	log_closed(session, reason);
	shared_count(session->room->row,
	             (enum shared_counter)(SHARED_REASONS + (int)reason), 1);
	if (session->ws)
		tell_browser(session, reason);
	session->ws = NULL;
	stream_close(session->stream);
	session->stream = NULL;
	unlink_session(session);
	uv_close((uv_handle_t *)&session->timer, on_timer_closed);
}

static void on_drain(uv_timer_t *timer)
{
	session_close(timer->data, CLOSE_DRAIN);
}

void session_drain_all(struct session_room *room, uint64_t spread_ms)
{
	for (struct session *s = room->first; s; s = s->next) {
		uint64_t delay =
		    spread_ms > 0 ? (uint64_t)random() % spread_ms : 0;

		uv_timer_start(&s->timer, on_drain, delay, 0);
	}
}
