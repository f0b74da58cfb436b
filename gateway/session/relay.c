/* SPDX-License-Identifier: Apache-2.0 */
#include "session/relay.h"

#include <stdlib.h>
#include <string.h>

#include "base/socket.h"
#include "config/config.h"
#include "mqtt/compose.h"
#include "mqtt/connack.h"
#include "mqtt/disconnect.h"
#include "mqtt/properties.h"
#include "mqtt/protocol.h"
#include "session/audit.h"
#include "session/dispute.h"
#include "session/session.h"
#include "session/steering.h"

/* What the judge is to know of who is there, before any CONNECT. */
static void introduce(struct relay *relay, const struct ws_browser *browser)
{
	struct sockaddr_storage address = ws_browser_address(browser);
	struct entry *entry = &relay->judge.entry;

	if (socket_host_text(&address, relay->address, sizeof relay->address))
		entry->guest.address = relay->address;
	entry->guest.is_asked = browser->is_asked;
	entry->guest.user = browser->user;
}

void relay_open(struct session *session, struct near near)
{
	const struct config_limits *limits = &session->route->config->limits;
	struct relay *relay = &session->relay;

	relay_finish(relay);
	*relay = (struct relay){ .state = RELAY_AWAITING,
		                 .near = near,
		                 .terms.qos = MQTT_QOS_MAX };
	judge_init(&relay->judge, session->route, &audit_events, session);
	introduce(relay, &session->browser);
	/* What a client of ours sends was bounded before it was a packet, and
	   what it gets would only come again. */
	mqtt_scanner_init(
	    &relay->up.scanner, MQTT_SENDER_CLIENT,
	    near.stream ? MQTT_REMAINING_MAX : limits->packet_bytes,
	    near.stream ? MQTT_REMAINING_MAX : limits->head_bytes);
	mqtt_scanner_init(
	    &relay->down.scanner, MQTT_SENDER_SERVER, MQTT_REMAINING_MAX,
	    near.stream ? MQTT_REMAINING_MAX : limits->head_bytes);
}

void relay_finish(struct relay *relay)
{
	judge_finish(&relay->judge);
	flow_finish(&relay->up);
	flow_finish(&relay->down);
	backlog_finish(&relay->held);
	chatter_finish(&relay->chatter);
}

enum close_reason relay_fault(enum mqtt_scan seen)
{
	if (seen == MQTT_SCAN_TOO_LARGE)
		return CLOSE_TOO_LARGE;
	return seen == MQTT_SCAN_MEMORY ? CLOSE_INTERNAL : CLOSE_MALFORMED;
}

/* Onto the wire. */

bool relay_send_up(struct session *session, struct slice bytes)
{
	if (stream_send(session->relay.stream, bytes))
		return true;
	session_end_relay(session, CLOSE_INTERNAL);
	return false;
}

bool relay_send_down(struct session *session, uint8_t *data, size_t len)
{
	const struct near *near = &session->relay.near;

	if (len == 0 || !near_is_there(near) || near_send(near, data, len))
		return true;
	session_end_relay(session, CLOSE_BROWSER_VANISHED);
	return false;
}

bool relay_send_copy_down(struct session *session, struct slice bytes)
{
	uint8_t *copy = malloc(WS_HEADROOM + bytes.len);

	if (!copy) {
		session_end_relay(session, CLOSE_INTERNAL);
		return false;
	}
	memcpy(copy + WS_HEADROOM, bytes.data, bytes.len);

	bool is_sent = relay_send_down(session, copy + WS_HEADROOM, bytes.len);

	free(copy);
	return is_sent;
}

/* Nothing may follow a DISCONNECT, answers neither [MQTT-3.14.4-2]. */
static bool settle_up(struct session *session)
{
	struct flow *up = &session->relay.up;

	if (session->relay.has_disconnect)
		backlog_finish(&up->owed);
	if (!flow_owes(up) || !flow_is_at_border(up) ||
	    stream_is_full(session->relay.stream))
		return true;

	struct slice owed = backlog_peek(&up->owed);

	if (!relay_send_up(session, owed))
		return false;
	backlog_drop(&up->owed, owed.len);
	return true;
}

/* Nothing may come before CONNACK [MQTT-3.2.0-1], nor behind a refusal. */
static bool settle_down(struct session *session)
{
	const struct near *near = &session->relay.near;
	struct flow *down = &session->relay.down;

	if (!session->relay.has_connack || session->relay.refusal != CLOSE_NONE)
		return true;
	if (!flow_owes(down) || !flow_is_at_border(down) ||
	    !near_is_there(near) || near_is_full(near))
		return true;

	struct slice owed = backlog_peek(&down->owed);

	if (!relay_send_copy_down(session, owed))
		return false;
	backlog_drop(&down->owed, owed.len);
	return true;
}

void relay_settle(struct session *session)
{
	struct relay *relay = &session->relay;

	if (!settle_up(session) || !settle_down(session))
		return;
	/* Each would wait for the other to be read. */
	if (flow_owes_much(&relay->up) && flow_owes_much(&relay->down))
		session_end_relay(session, CLOSE_FLOOD);
}

/* CONNECT. */

/* A rewritten CONNECT holds our password. */
static void forget(struct verdict *verdict)
{
	if (verdict->ruling == VERDICT_REPLACE)
		explicit_bzero(verdict->written, verdict->packet.len);
	verdict_clear(verdict);
}

bool relay_hold(struct session *session, struct slice bytes)
{
	if (!backlog_put(&session->relay.held, bytes))
		return false;
	session->room->waiting += bytes.len;
	return true;
}

static enum close_reason accept_connect(struct session *session,
                                        struct slice packet)
{
	struct relay *relay = &session->relay;
	struct verdict verdict;
	bool is_held;

	shared_count(session->room->row, SHARED_PACKETS_FROM_BROWSER, 1);
	verdict_init(&verdict);
	judge_connect(&relay->judge, packet, session->id, &verdict);
	relay->up.scanner.level = relay->judge.entry.level;
	relay->down.scanner.level = relay->judge.entry.level;
	relay->code5 = verdict.code5;
	if (verdict.ruling == VERDICT_CLOSE)
		return verdict.reason;
	if (verdict.ruling == VERDICT_REPLACE)
		packet = verdict.packet;
	is_held = relay_hold(session, packet);
	forget(&verdict);
	if (!is_held)
		return CLOSE_INTERNAL;
	relay->connect_len = packet.len;
	if (dispute_holds_back(session))
		return CLOSE_CLIENT_ID;
	near_pause(&relay->near);
	return relay_dial(session) ? CLOSE_NONE : CLOSE_INTERNAL;
}

/* Waits for CONNECT, then keeps what came along with it. */
static void await_upstream(struct session *session, struct slice in)
{
	struct relay *relay = &session->relay;
	enum close_reason fault = CLOSE_NONE;
	struct slice out;

	if (relay->connect_len == 0) {
		enum mqtt_scan seen = mqtt_scan(&relay->up.scanner, &in, &out);

		if (seen == MQTT_SCAN_HEAD)
			fault = accept_connect(session, out);
		else if (seen != MQTT_SCAN_MORE)
			fault = relay_fault(seen);
	}
	if (fault == CLOSE_NONE && !relay_hold(session, in))
		fault = CLOSE_INTERNAL;
	if (fault != CLOSE_NONE)
		session_end_relay(session, fault);
}

/* Behind bytes that wait already. */
static void wait_too(struct session *session, struct slice piece)
{
	if (!relay_hold(session, piece))
		session_end_relay(session, CLOSE_INTERNAL);
}

void relay_from_browser(struct session *session, struct slice piece)
{
	session->relay.heard_ms = uv_now(session->room->loop);
	if (session->relay.state != RELAY_OPEN)
		await_upstream(session, piece);
	else if (relay_holds(&session->relay))
		wait_too(session, piece);
	else
		relay_pass_up(session, piece);
}

bool relay_holds(const struct relay *relay)
{
	return relay->held.data != NULL;
}

void relay_near_gone(struct relay *relay)
{
	relay->near = (struct near){ 0 };
}

void relay_begin(struct session *session)
{
	struct relay *relay = &session->relay;

	near_resume(&relay->near);

	struct slice connect = { backlog_peek(&relay->held).data,
		                 relay->connect_len };

	if (!relay_send_up(session, connect))
		return;
	explicit_bzero(relay->held.data + relay->held.start, connect.len);
	backlog_drop(&relay->held, connect.len);
	session->room->waiting -= connect.len;
	relay_go_on(session);
}

void relay_go_on(struct session *session)
{
	struct backlog held = session->relay.held;
	struct slice bytes = backlog_peek(&held);

	session->relay.held = (struct backlog){ 0 };
	session->room->waiting -= bytes.len;
	if (bytes.len == 0) {
		steering_settle(session);
		return;
	}
	relay_pass_up(session, bytes);
	steering_watch_packet(session, bytes.len);
	backlog_finish(&held);
}

/* The end. */

void relay_disconnect(struct session *session)
{
	static const uint8_t no_expiry[] = { MQTT_PROPERTY_SESSION_EXPIRY, 0, 0,
		                             0, 0 };
	struct relay *relay = &session->relay;
	const struct entry *entry = &relay->judge.entry;
	struct mqtt_disconnect disconnect = { 0 };
	uint8_t packet[MQTT_COMPOSE_FRAME_BYTES];
	size_t len;

	if (relay->state != RELAY_OPEN || relay->has_disconnect ||
	    !relay->has_connack || !flow_is_at_border(&relay->up))
		return;
	if (entry->has_expiry)
		disconnect.properties =
		    (struct slice){ no_expiry, sizeof no_expiry };
	len = mqtt_compose_disconnect(packet, sizeof packet, entry->level,
	                              &disconnect);
	(void)!stream_send(relay->stream, (struct slice){ packet, len });
	relay->has_disconnect = true;
}

enum close_reason relay_refusal_or(const struct relay *relay,
                                   enum close_reason usual)
{
	return relay->refusal != CLOSE_NONE ? relay->refusal : usual;
}

enum close_reason relay_end_reason(const struct session *session)
{
	const struct relay *relay = &session->relay;

	return relay_refusal_or(relay, relay->has_disconnect
	                                   ? CLOSE_BROWSER_CLOSED
	                                   : CLOSE_UPSTREAM_CLOSED);
}

static uint8_t code_of(const struct relay *relay, uint8_t usual)
{
	return relay->code5 != 0 ? relay->code5 : usual;
}

static size_t compose_farewell(const struct relay *relay, uint8_t *packet,
                               size_t size, const struct close_answer *answer)
{
	uint8_t level = relay->judge.entry.level;
	bool is_5 = level == MQTT_LEVEL_5;
	struct mqtt_connack connack = {
		.code =
		    is_5 ? code_of(relay, answer->connack5) : answer->connack3,
	};
	struct mqtt_disconnect disconnect = {
		.reason = code_of(relay, answer->disconnect5),
	};

	if (level != 0 && !relay->has_connack && connack.code != 0)
		return mqtt_compose_connack(packet, size, level, &connack);
	if (is_5 && relay->has_connack && disconnect.reason != 0)
		return mqtt_compose_disconnect(packet, size, level,
		                               &disconnect);
	return 0;
}

void relay_say_farewell(struct session *session, enum close_reason reason)
{
	struct relay *relay = &session->relay;
	uint8_t packet[WS_HEADROOM + MQTT_COMPOSE_BYTES];

	/* What the broker said itself is said; and never into a packet. */
	if (relay->refusal != CLOSE_NONE || !near_is_there(&relay->near) ||
	    !flow_is_at_border(&relay->down))
		return;

	size_t len = compose_farewell(relay, packet + WS_HEADROOM,
	                              MQTT_COMPOSE_BYTES, close_answer(reason));

	if (len > 0)
		(void)!near_send(&relay->near, packet + WS_HEADROOM, len);
}
