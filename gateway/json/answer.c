/* SPDX-License-Identifier: Apache-2.0 */
#include "json/answer.h"

#include "json/error.h"
#include "json/writer.h"

#define REFUSED 0x80 /* reason codes from here on are refusals [MQTT5 2.4] */

static void begin(struct json_writer *writer, struct json_text *text,
                  const char *type)
{
	json_writer_begin(writer, text);
	json_write_word(writer, "type", type);
}

static void write_id(struct json_writer *writer, struct slice id)
{
	if (id.len > 0)
		json_write_raw(writer, "id", id);
}

static void write_error(struct json_writer *writer,
                        const struct json_error *error)
{
	json_write_object(writer, "error");
	json_write_number(writer, "code", error->code);
	json_write_word(writer, "name", error->name);
	json_write_word(writer, "message", error->message);
	json_write_boolean(writer, "temporary", error->is_temporary);
	json_write_object_end(writer);
}

static void write_limits(struct json_writer *writer,
                         const struct json_connected *connected)
{
	json_write_object(writer, "limits");
	json_write_number(writer, "packet_bytes", connected->packet_bytes);
	json_write_number(writer, "messages_per_s", connected->messages_per_s);
	json_write_number(writer, "subscriptions", connected->subscriptions);
	json_write_object_end(writer);
}

static void write_mqtt(struct json_writer *writer,
                       const struct json_connected *connected)
{
	json_write_object(writer, "mqtt");
	json_write_number(writer, "version", connected->mqtt_version);
	json_write_boolean(writer, "session_present", connected->has_session);
	json_write_object_end(writer);
}

bool json_answer_connected(struct json_text *text,
                           const struct json_connected *connected)
{
	struct json_writer writer;

	begin(&writer, text, "connected");
	json_write_string(&writer, "session", connected->session);
	json_write_string(&writer, "client_id", connected->client_id);
	if (connected->user.data)
		json_write_string(&writer, "user", connected->user);
	json_write_number(&writer, "ping_interval", connected->ping_interval_s);
	if (connected->expires_in_s > 0)
		json_write_number(&writer, "expires_in",
		                  connected->expires_in_s);
	write_limits(&writer, connected);
	write_mqtt(&writer, connected);
	return json_writer_end(&writer);
}

static void begin_ack(struct json_writer *writer, struct json_text *text,
                      struct slice id, bool is_success)
{
	begin(writer, text, "ack");
	write_id(writer, id);
	json_write_boolean(writer, "success", is_success);
}

bool json_answer_ack(struct json_text *text, struct slice id, uint8_t code)
{
	struct json_writer writer;

	begin_ack(&writer, text, id, true);
	json_write_number(&writer, "reason_code", code);
	return json_writer_end(&writer);
}

static void write_outcomes(struct json_writer *writer,
                           const struct json_outcome *outcomes, size_t count)
{
	json_write_array(writer, "topics");
	for (size_t i = 0; i < count; i++) {
		json_write_object(writer, NULL);
		json_write_string(writer, "topic", outcomes[i].topic);
		json_write_number(writer, "reason_code", outcomes[i].code);
		json_write_object_end(writer);
	}
	json_write_array_end(writer);
}

bool json_answer_topics(struct json_text *text, struct slice id,
                        const struct json_outcome *outcomes, size_t count,
                        const struct json_error *error)
{
	struct json_writer writer;
	struct json_error own;
	size_t first = 0;

	while (first < count && outcomes[first].code < REFUSED)
		first++;
	begin_ack(&writer, text, id, first == count);
	json_write_number(&writer, "reason_code", outcomes[0].code);
	if (first < count) {
		own = json_error_of(outcomes[first].code,
		                    "a filter was refused; see topics");
		write_error(&writer, error ? error : &own);
	}
	write_outcomes(&writer, outcomes, count);
	return json_writer_end(&writer);
}

bool json_answer_refusal(struct json_text *text, struct slice id,
                         const struct json_error *error)
{
	struct json_writer writer;

	if (id.len > 0)
		begin_ack(&writer, text, id, false);
	else
		begin(&writer, text, "error");
	write_error(&writer, error);
	return json_writer_end(&writer);
}

bool json_answer_message(struct json_text *text,
                         const struct json_message *message)
{
	struct json_writer writer;
	bool is_done;

	begin(&writer, text, "message");
	json_write_string(&writer, "topic", message->topic);
	json_payload_write(&writer, message->payload, message->form);
	json_write_number(&writer, "qos", message->qos);
	json_write_boolean(&writer, "retain", message->is_retained);
	json_write_number(&writer, "seq", message->seq);
	json_write_number(&writer, "ts", message->ts_ms);
	is_done = json_properties_write(&writer, &message->properties);
	return json_writer_end(&writer) && is_done;
}

bool json_answer_response(struct json_text *text, struct slice id,
                          struct slice payload, enum json_form form)
{
	struct json_writer writer;

	begin(&writer, text, "response");
	write_id(&writer, id);
	json_payload_write(&writer, payload, form);
	return json_writer_end(&writer);
}

bool json_answer_status(struct json_text *text, enum json_upstream upstream,
                        uint64_t queued, uint64_t retry_in_ms)
{
	static const char *const words[] = {
		[JSON_UPSTREAM_UP] = "up",
		[JSON_UPSTREAM_RECONNECTING] = "reconnecting",
		[JSON_UPSTREAM_DOWN] = "down",
	};
	struct json_writer writer;

	begin(&writer, text, "status");
	json_write_word(&writer, "upstream", words[upstream]);
	json_write_number(&writer, "queued", queued);
	if (upstream != JSON_UPSTREAM_UP)
		json_write_number(&writer, "retry_in_ms", retry_in_ms);
	return json_writer_end(&writer);
}

bool json_answer_dropped(struct json_text *text, struct slice topic,
                         uint64_t count, enum json_drop reason)
{
	static const char *const words[] = {
		[JSON_DROP_SLOW_CONSUMER] = "slow_consumer",
		[JSON_DROP_RATE] = "rate",
	};
	struct json_writer writer;

	begin(&writer, text, "dropped");
	json_write_string(&writer, "topic", topic);
	json_write_number(&writer, "count", count);
	json_write_word(&writer, "reason", words[reason]);
	return json_writer_end(&writer);
}

bool json_answer_expiring(struct json_text *text, uint32_t in_s)
{
	struct json_writer writer;

	begin(&writer, text, "expiring");
	json_write_number(&writer, "in_s", in_s);
	return json_writer_end(&writer);
}

bool json_answer_pong(struct json_text *text, struct slice id)
{
	struct json_writer writer;

	begin(&writer, text, "pong");
	write_id(&writer, id);
	return json_writer_end(&writer);
}
