/* SPDX-License-Identifier: Apache-2.0 */
#include "session/relay.h"

#include <stdlib.h>
#include <string.h>

#include "front/ws.h"
#include "mqtt/compose.h"
#include "mqtt/connack.h"
#include "mqtt/connect.h"
#include "mqtt/disconnect.h"
#include "mqtt/protocol.h"
#include "session/session.h"

_Static_assert(STREAM_HEADROOM > WS_HEADROOM, "a held head goes in front");

void relay_init(struct relay *relay, const struct config_limits *limits)
{
	mqtt_scanner_init(&relay->up, MQTT_SENDER_CLIENT, limits->packet_bytes,
	                  limits->head_bytes);
	mqtt_scanner_init(&relay->down, MQTT_SENDER_SERVER, MQTT_REMAINING_MAX,
	                  limits->head_bytes);
}

void relay_finish(struct relay *relay)
{
	mqtt_scanner_finish(&relay->up);
	mqtt_scanner_finish(&relay->down);
	backlog_finish(&relay->held);
}

/* What a scanner's error means when the browser made it. */
static enum close_reason fault_of(enum mqtt_scan seen)
{
	if (seen == MQTT_SCAN_TOO_LARGE)
		return CLOSE_TOO_LARGE;
	return seen == MQTT_SCAN_MEMORY ? CLOSE_INTERNAL : CLOSE_MALFORMED;
}

static bool send_up(struct session *session, struct slice bytes)
{
	if (stream_send(session->stream, bytes))
		return true;
	session_close(session, CLOSE_INTERNAL);
	return false;
}

/* A second CONNECT is no more welcome than rubbish [MQTT-3.1.0-2]. */
static enum close_reason judge_up(struct relay *relay, enum mqtt_scan seen)
{
	if (seen >= MQTT_SCAN_MALFORMED)
		return fault_of(seen);
	if (seen != MQTT_SCAN_HEAD)
		return CLOSE_NONE;
	if (mqtt_type_of(relay->up.first) == MQTT_CONNECT)
		return CLOSE_PROTOCOL_ERROR;
	relay->has_disconnect =
	    mqtt_type_of(relay->up.first) == MQTT_DISCONNECT;
	return CLOSE_NONE;
}

/*
 * Adds `out` to the `run` of good bytes, up to `next`. A head that the
 * scanner had kept in pieces is apart, and dies with its next step.
 */
static bool extend_up(struct session *session, struct slice *run,
                      struct slice out, const uint8_t *next)
{
	if (out.data + out.len != next) {
		if (!send_up(session, *run))
			return false;
		*run = (struct slice){ next, 0 };
		return send_up(session, out);
	}
	if (out.data != run->data + run->len) {
		if (!send_up(session, *run))
			return false;
		*run = (struct slice){ out.data, 0 };
	}
	run->len += out.len;
	return true;
}

static void pass_up(struct session *session, struct slice in)
{
	struct relay *relay = &session->relay;
	enum close_reason fault = CLOSE_NONE;
	struct slice run = { in.data, 0 };
	struct slice out;
	enum mqtt_scan seen;

	/* Nothing may follow a DISCONNECT [MQTT-3.14.4-2]. */
	while (!relay->has_disconnect &&
	       (seen = mqtt_scan(&relay->up, &in, &out)) != MQTT_SCAN_MORE) {
		fault = judge_up(relay, seen);
		if (fault != CLOSE_NONE)
			break;
		if (!extend_up(session, &run, out, in.data))
			return;
	}
	if (!send_up(session, run))
		return;
	if (fault != CLOSE_NONE)
		session_close(session, fault);
}

static enum close_reason fault_of_connect(enum mqtt_connect_read read)
{
	switch (read) {
	case MQTT_CONNECT_OK:
		return CLOSE_NONE;
	case MQTT_CONNECT_PROTOCOL_ERROR:
		return CLOSE_PROTOCOL_ERROR;
	case MQTT_CONNECT_BAD_CLIENT_ID:
		return CLOSE_CLIENT_ID;
	case MQTT_CONNECT_MALFORMED:
	case MQTT_CONNECT_UNKNOWN_LEVEL:
		break;
	}
	return CLOSE_MALFORMED;
}

static char *copy_text(struct slice text)
{
	return strndup((const char *)text.data, text.len);
}

static bool remember(struct session *session,
                     const struct mqtt_connect *connect)
{
	session->client_id = copy_text(connect->client_id);
	if (connect->has_username)
		session->user = copy_text(connect->username);
	return session->client_id && (session->user || !connect->has_username);
}

static enum close_reason accept_connect(struct session *session,
                                        struct slice packet)
{
	struct relay *relay = &session->relay;
	struct mqtt_connect connect;
	enum close_reason fault =
	    fault_of_connect(mqtt_connect_read(packet, &connect));

	relay->up.level = connect.level;
	relay->down.level = connect.level;
	if (fault != CLOSE_NONE)
		return fault;
	if (!remember(session, &connect) || !backlog_put(&relay->held, packet))
		return CLOSE_INTERNAL;
	relay->connect_len = packet.len;
	ws_pause(session->ws);
	return session_dial(session) ? CLOSE_NONE : CLOSE_INTERNAL;
}

/* Waits for CONNECT, then keeps what came along with it. */
static void await_upstream(struct session *session, struct slice in)
{
	struct relay *relay = &session->relay;
	enum close_reason fault = CLOSE_NONE;
	struct slice out;

	if (relay->connect_len == 0) {
		enum mqtt_scan seen = mqtt_scan(&relay->up, &in, &out);

		if (seen == MQTT_SCAN_HEAD)
			fault = accept_connect(session, out);
		else if (seen != MQTT_SCAN_MORE)
			fault = fault_of(seen);
	}
	if (fault == CLOSE_NONE && !backlog_put(&relay->held, in))
		fault = CLOSE_INTERNAL;
	if (fault != CLOSE_NONE)
		session_close(session, fault);
}

void relay_from_browser(struct session *session, struct slice piece)
{
	if (session->state == SESSION_OPENING)
		await_upstream(session, piece);
	else
		pass_up(session, piece);
}

void relay_begin(struct session *session)
{
	struct relay *relay = &session->relay;
	struct backlog held = relay->held;
	struct slice bytes = backlog_peek(&held);

	relay->held = (struct backlog){ 0 };
	if (send_up(session, slice_take(&bytes, relay->connect_len)))
		pass_up(session, bytes);
	backlog_finish(&held);
}

/* What a refusal of the broker means [MQTT3 3.2.2.3, MQTT5 3.2.2.2]. */
static enum close_reason meaning_of(uint8_t level, uint8_t code)
{
	static const enum close_reason reasons[] = {
		CLOSE_CLIENT_ID,
		CLOSE_BAD_LOGIN,
		CLOSE_NOT_AUTHORISED,
	};

	for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++) {
		const struct close_answer *answer = close_answer(reasons[i]);

		if (code == (level == MQTT_LEVEL_5 ? answer->connack5
		                                   : answer->connack3))
			return reasons[i];
	}
	return CLOSE_UPSTREAM_CLOSED;
}

static void note_connack(struct relay *relay, struct slice packet)
{
	relay->has_connack = true;
	if (packet.len >= 4 && packet.data[3] != 0)
		relay->refusal = meaning_of(relay->down.level, packet.data[3]);
}

/* The broker's word of farewell, MQTT 5 only [MQTT5 3.14.2.1]. */
static void note_disconnect(struct relay *relay, struct slice packet)
{
	if (packet.len >= 3 && packet.data[2] == MQTT_SESSION_TAKEN_OVER)
		relay->refusal = CLOSE_TAKEN_OVER;
}

static void note_down(struct relay *relay, struct slice packet)
{
	switch ((int)mqtt_type_of(relay->down.first)) {
	case MQTT_CONNACK:
		note_connack(relay, packet);
		break;
	case MQTT_DISCONNECT:
		note_disconnect(relay, packet);
		break;
	default:
		break;
	}
}

static bool send_down(struct session *session, uint8_t *data, size_t len)
{
	if (len == 0 || ws_send(session->ws, data, len))
		return true;
	session_close(session, CLOSE_BROWSER_VANISHED);
	return false;
}

/* A long head that came in pieces has no place in the chunk: its own frame. */
static bool send_apart(struct session *session, struct slice head)
{
	uint8_t *copy = malloc(WS_HEADROOM + head.len);

	if (!copy) {
		session_close(session, CLOSE_INTERNAL);
		return false;
	}
	memcpy(copy + WS_HEADROOM, head.data, head.len);

	bool is_sent = send_down(session, copy + WS_HEADROOM, head.len);

	free(copy);
	return is_sent;
}

/*
 * Moves `end` past `out`. A head that the scanner had kept in pieces is put
 * back in front of the bytes that complete it, so the chunk stays one frame.
 */
static bool extend_down(struct session *session, uint8_t **start, uint8_t **end,
                        struct slice out, const uint8_t *next)
{
	uint8_t *begin = *end;

	if (out.data != *end) {
		size_t in_front = out.len - (size_t)(next - *end);

		if (in_front > STREAM_HEADROOM - WS_HEADROOM) {
			*start = *end += next - *end;
			return send_apart(session, out);
		}
		begin -= in_front;
		memmove(begin, out.data, out.len);
		*start = begin;
	}
	*end = begin + out.len;
	return true;
}

void relay_from_broker(struct session *session, uint8_t *data, size_t len)
{
	struct relay *relay = &session->relay;
	struct slice in = { data, len };
	uint8_t *start = data; /* from here to end: found good, not sent */
	uint8_t *end = data;
	struct slice out;
	enum mqtt_scan seen;

	while ((seen = mqtt_scan(&relay->down, &in, &out)) != MQTT_SCAN_MORE) {
		if (seen >= MQTT_SCAN_MALFORMED)
			break;
		if (seen == MQTT_SCAN_HEAD)
			note_down(relay, out);
		if (!extend_down(session, &start, &end, out, in.data))
			return;
	}
	if (!send_down(session, start, (size_t)(end - start)))
		return;
	if (seen != MQTT_SCAN_MORE)
		session_close(session, CLOSE_UPSTREAM_GARBAGE);
	else if (ws_is_full(session->ws))
		stream_pause(session->stream);
}

enum close_reason relay_end_reason(const struct session *session)
{
	const struct relay *relay = &session->relay;

	if (relay->refusal != CLOSE_NONE)
		return relay->refusal;
	return relay->has_disconnect ? CLOSE_BROWSER_CLOSED
	                             : CLOSE_UPSTREAM_CLOSED;
}

static size_t compose_farewell(const struct relay *relay, uint8_t *packet,
                               const struct close_answer *answer)
{
	uint8_t level = relay->up.level;
	uint8_t connack =
	    level == MQTT_LEVEL_5 ? answer->connack5 : answer->connack3;
	struct mqtt_connack refusal = { .code = connack };
	struct mqtt_disconnect farewell = { .reason = answer->disconnect5 };

	if (level != 0 && !relay->has_connack && connack != 0)
		return mqtt_compose_connack(packet, MQTT_COMPOSE_BYTES, level,
		                            &refusal);
	if (level == MQTT_LEVEL_5 && relay->has_connack &&
	    answer->disconnect5 != 0)
		return mqtt_compose_disconnect(packet, MQTT_COMPOSE_BYTES,
		                               level, &farewell);
	return 0;
}

void relay_say_farewell(struct session *session, enum close_reason reason)
{
	struct relay *relay = &session->relay;
	uint8_t packet[WS_HEADROOM + MQTT_COMPOSE_BYTES];

	/* What the broker said itself is said; and never into a packet. */
	if (relay->refusal != CLOSE_NONE || relay->down.body_left > 0)
		return;

	size_t len =
	    compose_farewell(relay, packet + WS_HEADROOM, close_answer(reason));

	if (len > 0)
		(void)!ws_send(session->ws, packet + WS_HEADROOM, len);
}
