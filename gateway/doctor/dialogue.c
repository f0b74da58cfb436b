/* SPDX-License-Identifier: Apache-2.0 */
#include "doctor/dialogue.h"

#include <stdio.h>
#include <string.h>

#include "base/random.h"
#include "doctor/clock.h"
#include "doctor/wire.h"
#include "mqtt/ack.h"
#include "mqtt/compose.h"
#include "mqtt/connack.h"
#include "mqtt/connect.h"
#include "mqtt/disconnect.h"
#include "mqtt/properties.h"
#include "mqtt/publish.h"
#include "mqtt/suback.h"
#include "mqtt/subscribe.h"
#include "mqtt/writer.h"

#define PACKET_BYTES 16384 /* for a token in place of a password */
#define PACKET_MOST 65536u
#define KEEP_ALIVE_S 60
#define QOS 1
#define NAME_OCTETS 8

void dialogue_init(struct dialogue *dialogue, struct talk *talk, uint8_t level,
                   unsigned timeout_s)
{
	char name[2 * NAME_OCTETS + 1] = "";

	*dialogue = (struct dialogue){ .talk = talk, .level = level };
	dialogue->timeout_us = timeout_s * (uint64_t)CLOCK_S_US;
	mqtt_scanner_init(&dialogue->scanner, MQTT_SENDER_SERVER, PACKET_MOST,
	                  PACKET_MOST);
	dialogue->scanner.level = level;
	if (random_hex(name, NAME_OCTETS))
		snprintf(dialogue->client_id, sizeof dialogue->client_id,
		         "doctor-%s", name);
}

void dialogue_finish(struct dialogue *dialogue)
{
	mqtt_scanner_finish(&dialogue->scanner);
}

static enum talk_end send_packet(struct dialogue *dialogue,
                                 const uint8_t *packet, size_t len)
{
	if (len == 0)
		return TALK_BROKEN;
	return talk_send(dialogue->talk, FRAME_BINARY,
	                 (struct slice){ packet, len });
}

static void keep_answer(struct dialogue *dialogue,
                        struct dialogue_answer *answer, uint8_t code)
{
	answer->is_there = true;
	answer->code = code;
	answer->ms = clock_ms_since(dialogue->sent_us);
}

static void keep_reason(struct dialogue *dialogue, struct slice properties)
{
	struct mqtt_property found;

	dialogue->reason[0] = '\0';
	if (mqtt_properties_find(properties, MQTT_PROPERTY_REASON_STRING,
	                         &found))
		snprintf(dialogue->reason, sizeof dialogue->reason, "%.*s",
		         (int)found.value.len, (const char *)found.value.data);
}

static bool take_connack(struct dialogue *dialogue, struct slice packet)
{
	struct mqtt_connack connack;

	if (mqtt_connack_read(packet, dialogue->level, &connack) !=
	    MQTT_FAULT_NONE)
		return false;
	keep_reason(dialogue, connack.properties);
	keep_answer(dialogue, &dialogue->connack, connack.code);
	return true;
}

static bool take_suback(struct dialogue *dialogue, struct slice packet)
{
	struct mqtt_suback suback;

	if (mqtt_suback_read(packet, dialogue->level, &suback) !=
	    MQTT_FAULT_NONE)
		return false;
	keep_reason(dialogue, suback.properties);
	keep_answer(dialogue, &dialogue->suback, suback.codes.data[0]);
	return true;
}

static bool take_puback(struct dialogue *dialogue, struct slice packet)
{
	struct mqtt_ack ack;

	if (mqtt_ack_read(packet, dialogue->level, MQTT_SENDER_SERVER, &ack) !=
	    MQTT_FAULT_NONE)
		return false;
	if (ack.packet_id == dialogue->packet_id) {
		dialogue->reason[0] = '\0';
		keep_answer(dialogue, &dialogue->puback, ack.reason);
	}
	return true;
}

static bool take_publish(struct dialogue *dialogue, struct slice head)
{
	struct mqtt_publish publish;

	if (mqtt_publish_read(head, dialogue->level, MQTT_SENDER_SERVER,
	                      &publish) != MQTT_FAULT_NONE)
		return false;
	dialogue->is_in_publish = true;
	dialogue->qos = publish.qos;
	dialogue->its_id = publish.packet_id;
	dialogue->body_len = 0;
	return true;
}

static void take_body(struct dialogue *dialogue, struct slice piece)
{
	size_t room = sizeof dialogue->body;

	if (dialogue->body_len <= room &&
	    piece.len <= room - dialogue->body_len)
		memcpy(dialogue->body + dialogue->body_len, piece.data,
		       piece.len);
	dialogue->body_len += piece.len;
}

/* The message is whole: is it ours? */
static enum talk_end end_publish(struct dialogue *dialogue)
{
	struct slice body = { dialogue->body, dialogue->body_len };
	uint8_t packet[MQTT_COMPOSE_BYTES];

	dialogue->is_in_publish = false;
	if (body.len < sizeof dialogue->body &&
	    slice_is(body, dialogue->payload))
		keep_answer(dialogue, &dialogue->message, 0);
	if (dialogue->qos != QOS)
		return TALK_FINE;
	return send_packet(dialogue, packet,
	                   mqtt_compose_ack(packet, sizeof packet,
	                                    dialogue->level, MQTT_PUBACK,
	                                    dialogue->its_id, 0));
}

/* False: it is not to be understood. */
static bool take_head(struct dialogue *dialogue, struct slice head)
{
	enum mqtt_type type = mqtt_type_of(head.data[0]);

	if (type == MQTT_CONNACK)
		return take_connack(dialogue, head);
	if (type == MQTT_SUBACK)
		return take_suback(dialogue, head);
	if (type == MQTT_PUBACK)
		return take_puback(dialogue, head);
	if (type == MQTT_PUBLISH)
		return take_publish(dialogue, head);
	return true; /* DISCONNECT: the close frame tells more */
}

static enum talk_end take_piece(struct dialogue *dialogue, enum mqtt_scan seen,
                                struct slice out)
{
	if (seen >= MQTT_SCAN_MALFORMED)
		return TALK_BROKEN;
	if (seen == MQTT_SCAN_HEAD && !take_head(dialogue, out))
		return TALK_BROKEN;
	if (seen == MQTT_SCAN_BODY && dialogue->is_in_publish)
		take_body(dialogue, out);
	if (dialogue->is_in_publish &&
	    mqtt_scanner_at_border(&dialogue->scanner))
		return end_publish(dialogue);
	return TALK_FINE;
}

/* All that is in one frame. */
static enum talk_end hear(struct dialogue *dialogue)
{
	struct frame frame;
	enum talk_end end = talk_receive(dialogue->talk, &frame);
	enum mqtt_scan seen;
	struct slice out;

	if (end == TALK_FINE && frame.opcode == FRAME_TEXT)
		return TALK_BROKEN;
	while (end == TALK_FINE &&
	       (seen = mqtt_scan(&dialogue->scanner, &frame.payload, &out)) !=
	           MQTT_SCAN_MORE)
		end = take_piece(dialogue, seen, out);
	return end;
}

enum talk_end dialogue_await(struct dialogue *dialogue,
                             const struct dialogue_answer *answer)
{
	enum talk_end end = TALK_FINE;

	dialogue->talk->wire->deadline_us = clock_us() + dialogue->timeout_us;
	while (end == TALK_FINE && !answer->is_there)
		end = hear(dialogue);
	return end;
}

/* Sends, and waits for the answer unless that is NULL. */
static enum talk_end ask(struct dialogue *dialogue, const uint8_t *packet,
                         size_t len, struct dialogue_answer *answer)
{
	enum talk_end end;

	if (answer)
		*answer = (struct dialogue_answer){ .is_there = false };
	dialogue->sent_us = clock_us();
	dialogue->talk->wire->deadline_us =
	    dialogue->sent_us + dialogue->timeout_us;
	end = send_packet(dialogue, packet, len);
	if (end != TALK_FINE || !answer)
		return end;
	return dialogue_await(dialogue, answer);
}

enum talk_end dialogue_connect(struct dialogue *dialogue, const char *user,
                               struct slice password)
{
	const struct mqtt_connect connect = {
		.level = dialogue->level,
		.clean = true,
		.keep_alive_s = KEEP_ALIVE_S,
		.client_id = slice_from_text(dialogue->client_id),
		.has_username = user != NULL,
		.username = slice_from_text(user ? user : ""),
		.has_password = password.data != NULL,
		.password = password,
	};
	uint8_t packet[PACKET_BYTES];
	size_t len = mqtt_compose_connect(packet, sizeof packet, &connect);
	enum talk_end end = ask(dialogue, packet, len, &dialogue->connack);

	explicit_bzero(packet, sizeof packet);
	return end;
}

enum talk_end dialogue_subscribe(struct dialogue *dialogue, const char *topic)
{
	uint8_t list[PACKET_BYTES];
	uint8_t packet[PACKET_BYTES];
	struct mqtt_writer writer;

	mqtt_writer_init(&writer, list, sizeof list);
	mqtt_write_string(&writer, slice_from_text(topic));
	mqtt_write_u8(&writer, QOS);
	if (writer.is_full)
		return TALK_BROKEN;

	const struct mqtt_subscribe subscribe = {
		.packet_id = ++dialogue->packet_id,
		.list = mqtt_writer_written(&writer),
	};
	size_t len = mqtt_compose_subscribe(packet, sizeof packet,
	                                    dialogue->level, &subscribe);

	return ask(dialogue, packet, len, &dialogue->suback);
}

enum talk_end dialogue_publish(struct dialogue *dialogue, const char *topic)
{
	const struct mqtt_publish publish = {
		.qos = QOS,
		.topic = slice_from_text(topic),
		.packet_id = ++dialogue->packet_id,
	};
	uint8_t packet[PACKET_BYTES];
	size_t len;

	dialogue->message = (struct dialogue_answer){ .is_there = false };
	snprintf(dialogue->payload, sizeof dialogue->payload, "%s %u",
	         dialogue->client_id, dialogue->packet_id);
	len =
	    mqtt_compose_publish(packet, sizeof packet, dialogue->level,
	                         &publish, slice_from_text(dialogue->payload));
	return ask(dialogue, packet, len, &dialogue->puback);
}

enum talk_end dialogue_disconnect(struct dialogue *dialogue)
{
	const struct mqtt_disconnect disconnect = { .reason = 0 };
	uint8_t packet[MQTT_COMPOSE_BYTES];

	return ask(dialogue, packet,
	           mqtt_compose_disconnect(packet, sizeof packet,
	                                   dialogue->level, &disconnect),
	           NULL);
}
