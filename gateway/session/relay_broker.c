/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "config/config.h"
#include "mqtt/connack.h"
#include "mqtt/disconnect.h"
#include "mqtt/properties.h"
#include "mqtt/protocol.h"
#include "session/dispute.h"
#include "session/session.h"
#include "session/steering.h"

/* Bytes of the stream's buffer that go on together. */
struct run {
	uint8_t *start;
	uint8_t *end;
	uint8_t *at; /* behind it and what was left out: the next bytes */
};

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

/* Where the login was ours, it is not the page that was refused. */
static enum close_reason blame(const struct session *session,
                               enum close_reason reason)
{
	bool is_login =
	    reason == CLOSE_BAD_LOGIN || reason == CLOSE_NOT_AUTHORISED;

	return is_login && session->route->upstream->inject
	           ? CLOSE_UPSTREAM_REFUSED
	           : reason;
}

static void note_terms(struct relay_terms *terms, struct slice properties)
{
	struct mqtt_property found;

	if (mqtt_properties_find(properties, MQTT_PROPERTY_MAXIMUM_PACKET,
	                         &found))
		terms->packet_bytes = found.number;
	if (mqtt_properties_find(properties, MQTT_PROPERTY_MAXIMUM_QOS, &found))
		terms->qos = (uint8_t)found.number;
	if (mqtt_properties_find(properties, MQTT_PROPERTY_RETAIN_AVAILABLE,
	                         &found))
		terms->has_no_retain = found.number == 0;
}

static void note_connack(struct session *session, struct slice packet)
{
	struct relay *relay = &session->relay;
	uint8_t level = relay->judge.entry.level;
	struct mqtt_connack connack;

	relay->has_connack = true;
	if (mqtt_connack_read(packet, level, &connack) != MQTT_FAULT_NONE)
		return;
	note_terms(&relay->terms, connack.properties);
	if (connack.code == 0)
		return;
	relay->connack_code = connack.code;
	relay->refusal = blame(session, meaning_of(level, connack.code));
}

/* The broker's word of farewell, MQTT 5 only [MQTT5 3.14.2.1]. */
static void note_disconnect(struct session *session, struct slice packet)
{
	struct relay *relay = &session->relay;
	struct mqtt_disconnect disconnect;

	if (mqtt_disconnect_read(packet, relay->judge.entry.level,
	                         MQTT_SENDER_SERVER,
	                         &disconnect) != MQTT_FAULT_NONE ||
	    disconnect.reason != MQTT_SESSION_TAKEN_OVER)
		return;
	relay->refusal = CLOSE_TAKEN_OVER;
	dispute_lose(session);
}

static void note(struct session *session, struct slice packet)
{
	switch ((int)mqtt_type_of(packet.data[0])) {
	case MQTT_CONNACK:
		note_connack(session, packet);
		break;
	case MQTT_DISCONNECT:
		note_disconnect(session, packet);
		break;
	default:
		break;
	}
}

static bool send_run(struct session *session, struct run *run)
{
	uint8_t *start = run->start;

	run->start = run->end;
	return relay_send_down(session, start, (size_t)(run->end - start));
}

/* A long head that came in pieces has no place in the chunk: its own frame. */
static bool send_apart(struct session *session, struct run *run,
                       struct slice head, size_t taken)
{
	if (!send_run(session, run))
		return false;
	run->at += taken;
	return relay_send_copy_down(session, head);
}

/*
 * Adds `out`, which took the chunk's bytes up to `next`. A head that the
 * scanner had kept in pieces is put back in front of the bytes that complete
 * it; what was left out before it is closed up. So the chunk stays one frame.
 */
static bool extend(struct session *session, struct run *run, struct slice out,
                   const uint8_t *next)
{
	size_t taken = (size_t)(next - run->at);
	uint8_t *from = run->at;

	if (out.data != from) {
		size_t in_front = out.len - taken;

		if (in_front > STREAM_HEADROOM - WS_HEADROOM)
			return send_apart(session, run, out, taken);
		from -= in_front;
		memmove(from, out.data, out.len);
	}
	if (run->end == run->start)
		run->start = run->end = from;
	else if (run->end != from)
		memmove(run->end, from, out.len);
	run->end += out.len;
	run->at += taken;
	return true;
}

/* Leaves out what came up to `next`. */
static void skip(struct run *run, const uint8_t *next)
{
	run->at += next - run->at;
}

/* Our own packets go in before the next one. */
static bool enter(struct session *session, struct run *run)
{
	struct flow *down = &session->relay.down;

	if (!flow_owes(down) || !session->relay.has_connack)
		return true;

	struct slice owed = backlog_peek(&down->owed);

	if (!send_run(session, run) || !relay_send_copy_down(session, owed))
		return false;
	backlog_drop(&down->owed, owed.len);
	return true;
}

static bool end_with(struct session *session, struct run *run,
                     enum close_reason reason)
{
	if (send_run(session, run)) {
		relay_settle(session);
		session_end_relay(session, reason);
	}
	return false;
}

static bool carry_out(struct session *session, const struct verdict *verdict,
                      struct run *run, struct slice head, const uint8_t *next)
{
	switch (verdict->ruling) {
	case VERDICT_PASS:
		return extend(session, run, head, next);
	case VERDICT_REPLACE:
		skip(run, next);
		return send_run(session, run) &&
		       relay_send_copy_down(session, verdict->packet);
	case VERDICT_DROP:
		skip(run, next);
		return true;
	case VERDICT_CLOSE:
		break;
	}
	return end_with(session, run, verdict->reason);
}

static bool pass_head(struct session *session, struct verdict *verdict,
                      struct run *run, struct slice head, const uint8_t *next)
{
	struct relay *relay = &session->relay;

	if (!enter(session, run))
		return false;
	shared_count(session->room->row, SHARED_PACKETS_FROM_BROKER, 1);
	judge_from_broker(&relay->judge, head, verdict);
	relay->down.is_dropping = verdict->ruling == VERDICT_DROP;
	if (verdict->ruling != VERDICT_CLOSE)
		note(session, head);
	/* Paho 1.3.12 frees what a refusal of an old broker does not have. */
	if (relay->near.stream && relay->connack_code != 0)
		return end_with(session, run, relay_end_reason(session));
	if (relay->near.stream)
		chatter_answered(&relay->chatter, head,
		                 relay->judge.entry.level);
	if (!carry_out(session, verdict, run, head, next))
		return false;
	if (flow_answer(&relay->down, &relay->up, verdict->answer))
		return true;
	return end_with(session, run, CLOSE_INTERNAL);
}

static bool pass_body(struct session *session, struct run *run,
                      struct slice body, const uint8_t *next)
{
	struct relay *relay = &session->relay;

	if (!relay->down.is_dropping)
		return extend(session, run, body, next);
	skip(run, next);
	if (flow_answer_late(&relay->down, &relay->up))
		return true;
	return end_with(session, run, CLOSE_INTERNAL);
}

void relay_from_broker(struct session *session, uint8_t *data, size_t len)
{
	struct relay *relay = &session->relay;
	struct slice in = { data, len };
	struct run run = { data, data, data };
	struct verdict verdict;
	bool is_good = true;
	struct slice out;
	enum mqtt_scan seen;

	verdict_init(&verdict);
	while (is_good && (seen = mqtt_scan(&relay->down.scanner, &in, &out)) !=
	                      MQTT_SCAN_MORE) {
		if (seen == MQTT_SCAN_HEAD)
			is_good =
			    pass_head(session, &verdict, &run, out, in.data);
		else if (seen == MQTT_SCAN_BODY)
			is_good = pass_body(session, &run, out, in.data);
		else
			is_good =
			    end_with(session, &run, CLOSE_UPSTREAM_GARBAGE);
	}
	verdict_clear(&verdict);
	if (is_good && send_run(session, &run))
		steering_settle(session);
}
