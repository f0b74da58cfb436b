/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The `mqtt` kind: the browser speaks MQTT itself, and has one relay for life.
 */
#include "session/journal.h"
#include "session/session.h"
#include "session/steering.h"

static bool begin(struct session *session)
{
	uint64_t limit_s = session->route->config->connect_timeout_s;

	relay_open(session, (struct near){ .ws = session->ws });
	alarm_set(&session->alarm, ALARM_DEADLINE, limit_s * 1000);
	return true;
}

/* Frames and packets are unrelated [MQTT-6.0.0-2]. */
static void on_data(struct session *session, const struct ws_piece *piece)
{
	if (piece->is_text) {
		session_close(session, CLOSE_TEXT_FRAME);
		return;
	}
	relay_from_browser(session, piece->bytes);
	steering_watch_packet(session, piece->bytes.len);
}

/* A CONNECT alone is nothing that could be lost. */
static bool has_said_more(const struct relay *relay)
{
	return backlog_peek(&relay->held).len > relay->connect_len;
}

/* What it sent before it left is on its way to the broker: not lost. */
static void on_gone(struct session *session, enum close_reason reason)
{
	struct relay *relay = &session->relay;

	relay_near_gone(relay);
	if (relay->state == RELAY_DIALING && has_said_more(relay)) {
		session->gone = reason;
		return;
	}
	session->is_metered = false;
	relay->is_held = false;
	if (relay_holds(relay))
		relay_go_on(session);
	session_close(session, relay_refusal_or(relay, reason));
}

static void on_relay_open(struct session *session)
{
	session_opened(session);
	relay_begin(session);
	if (session->gone != CLOSE_NONE)
		on_gone(session, session->gone);
}

static void on_due(struct session *session, enum alarm_cause cause)
{
	(void)session;
	(void)cause;
}

static void tell_browser(struct session *session, enum close_reason reason)
{
	const struct close_answer *answer = close_answer(reason);
	uint16_t code = reason == CLOSE_BROWSER_CLOSED ? WS_CLOSE_NORMAL
	                                               : answer->mqtt_frame;

	if (!session->ws)
		return;
	relay_say_farewell(session, reason);
	ws_close(session->ws, code, answer->word);
}

static void finish(struct session *session)
{
	(void)session;
}

const struct session_kind kind_mqtt = {
	.open = begin,
	.on_data = on_data,
	.on_drained = steering_settle,
	.on_gone = on_gone,
	.on_relay_open = on_relay_open,
	.on_relay_end = session_close,
	.end = session_close,
	.on_due = on_due,
	.close = tell_browser,
	.finish = finish,
};
