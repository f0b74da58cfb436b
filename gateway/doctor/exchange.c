/* SPDX-License-Identifier: Apache-2.0 */
#include "doctor/exchange.h"

#include <stdio.h>
#include <string.h>

#include "base/random.h"
#include "doctor/clock.h"
#include "doctor/notice.h"
#include "doctor/wire.h"
#include "json/text.h"
#include "json/writer.h"

#define QOS 1
#define NAME_OCTETS 8

void exchange_init(struct exchange *exchange, struct talk *talk,
                   unsigned timeout_s)
{
	*exchange = (struct exchange){ .talk = talk };
	exchange->timeout_us = timeout_s * (uint64_t)CLOCK_S_US;
}

static void keep_ack(struct exchange *exchange, const struct notice *notice)
{
	struct exchange_answer *ack = &exchange->ack;
	char id[16];

	snprintf(id, sizeof id, "%u", exchange->id);
	if (!slice_is(notice->id, id))
		return;
	ack->is_there = true;
	ack->is_success = notice->is_success;
	ack->ms = clock_ms_since(exchange->sent_us);
	snprintf(ack->error, sizeof ack->error, "%s: %s",
	         quote(notice->error_name).text,
	         quote(notice->error_message).text);
}

static void take_notice(struct exchange *exchange, const struct notice *notice)
{
	if (slice_is(notice->type, "connected")) {
		exchange->is_connected = true;
		exchange->client_id = quote(notice->client_id);
	} else if (slice_is(notice->type, "status")) {
		exchange->upstream = quote(notice->upstream);
	} else if (slice_is(notice->type, "ack")) {
		keep_ack(exchange, notice);
	} else if (slice_is(notice->type, "message") &&
	           slice_is(notice->payload, exchange->payload)) {
		exchange->message.is_there = true;
		exchange->message.ms = clock_ms_since(exchange->sent_us);
	}
}

/* One frame; several make a message. */
static enum talk_end hear(struct exchange *exchange)
{
	struct frame frame;
	struct notice notice;
	enum talk_end end = talk_receive(exchange->talk, &frame);

	if (end != TALK_FINE)
		return end;
	if (frame.opcode == FRAME_BINARY ||
	    frame.payload.len > sizeof exchange->text - exchange->len)
		return TALK_BROKEN;
	memcpy(exchange->text + exchange->len, frame.payload.data,
	       frame.payload.len);
	exchange->len += frame.payload.len;
	if (!frame.is_last)
		return TALK_FINE;
	if (!notice_read((struct slice){ exchange->text, exchange->len },
	                 &notice))
		return TALK_BROKEN;
	take_notice(exchange, &notice);
	exchange->len = 0;
	return TALK_FINE;
}

static enum talk_end await(struct exchange *exchange, const bool *what)
{
	enum talk_end end = TALK_FINE;

	exchange->talk->wire->deadline_us = clock_us() + exchange->timeout_us;
	while (end == TALK_FINE && !*what)
		end = hear(exchange);
	return end;
}

enum talk_end exchange_connect(struct exchange *exchange)
{
	return await(exchange, &exchange->is_connected);
}

enum talk_end exchange_await_message(struct exchange *exchange)
{
	return await(exchange, &exchange->message.is_there);
}

/* A request of `type`, with a payload unless that is NULL. */
static bool write_request(struct exchange *exchange, struct json_text *text,
                          const char *type, const char *topic,
                          const char *payload)
{
	struct json_writer writer;

	json_writer_begin(&writer, text);
	json_write_word(&writer, "type", type);
	json_write_number(&writer, "id", exchange->id);
	json_write_string(&writer, "topic", slice_from_text(topic));
	json_write_number(&writer, "qos", QOS);
	if (payload)
		json_write_word(&writer, "payload", payload);
	return json_writer_end(&writer);
}

static enum talk_end ask(struct exchange *exchange, const char *type,
                         const char *topic, const char *payload)
{
	struct json_text text;
	enum talk_end end = TALK_BROKEN;

	exchange->ack = (struct exchange_answer){ .is_there = false };
	json_text_init(&text);
	exchange->id++;
	exchange->sent_us = clock_us();
	exchange->talk->wire->deadline_us =
	    exchange->sent_us + exchange->timeout_us;
	if (write_request(exchange, &text, type, topic, payload))
		end = talk_send(exchange->talk, FRAME_TEXT,
		                json_text_written(&text));
	json_text_finish(&text);
	return end == TALK_FINE ? await(exchange, &exchange->ack.is_there)
	                        : end;
}

enum talk_end exchange_subscribe(struct exchange *exchange, const char *topic)
{
	return ask(exchange, "subscribe", topic, NULL);
}

enum talk_end exchange_publish(struct exchange *exchange, const char *topic)
{
	char name[2 * NAME_OCTETS + 1] = "";

	exchange->message = (struct exchange_answer){ .is_there = false };
	if (!random_hex(name, NAME_OCTETS))
		return TALK_BROKEN;
	snprintf(exchange->payload, sizeof exchange->payload, "doctor-%s",
	         name);
	return ask(exchange, "publish", topic, exchange->payload);
}
