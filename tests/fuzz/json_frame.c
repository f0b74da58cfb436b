/* SPDX-License-Identifier: Apache-2.0 */
#include "json_frame.h"

#include "mqtt/utf8.h"
#include "json/text.h"
#include "json/writer.h"

#define MS_PER_S 1000u

static const char *const types[] = { "",        "subscribe", "unsubscribe",
	                             "publish", "request",   "auth",
	                             "ping" };
static const char *const forms[] = { "auto", "json", "base64" };

/* A rate that makes this interval: N times 1000 / N is no more than 1000. */
static void write_rate(struct json_writer *writer, uint32_t interval_ms)
{
	if (interval_ms > 0 && MS_PER_S % interval_ms == 0)
		json_write_number(writer, "max_rate", MS_PER_S / interval_ms);
}

static void write_topics(struct json_writer *writer,
                         const struct json_request *request)
{
	json_write_array(writer, "topics");
	for (size_t i = 0; i < request->topic_count; i++) {
		const struct json_topic *topic = &request->topics[i];

		json_write_object(writer, NULL);
		json_write_string(writer, "topic", topic->topic);
		json_write_number(writer, "qos", topic->qos);
		json_write_word(writer, "as", forms[topic->as]);
		write_rate(writer, topic->interval_ms);
		json_write_object_end(writer);
	}
	json_write_array_end(writer);
}

static bool write_message(struct json_writer *writer,
                          const struct json_request *request)
{
	json_write_string(writer, "topic", request->topic);
	if (mqtt_utf8_is_well_formed(request->payload)) {
		json_write_string(writer, "payload", request->payload);
	} else {
		json_write_base64(writer, "payload", request->payload);
		json_write_word(writer, "payload_encoding", "base64");
	}
	json_write_number(writer, "qos", request->qos);
	json_write_boolean(writer, "retain", request->is_retained);
	if (request->type == JSON_REQUEST_REQUEST)
		json_write_number(writer, "timeout_ms", request->timeout_ms);
	return json_properties_write(writer, &request->properties);
}

bool json_frame_write(struct json_text *text,
                      const struct json_request *request)
{
	struct json_writer writer;
	bool is_done = true;

	json_writer_begin(&writer, text);
	json_write_word(&writer, "type", types[request->type]);
	if (request->id.len > 0)
		json_write_raw(&writer, "id", request->id);
	if (request->topic_count > 0)
		write_topics(&writer, request);
	if (request->topic.data)
		is_done = write_message(&writer, request);
	if (request->token.data)
		json_write_string(&writer, "token", request->token);
	return json_writer_end(&writer) && is_done;
}

static bool is_same_rate(uint32_t one, uint32_t other)
{
	return one == other || (one > 0 && MS_PER_S % one != 0);
}

static bool are_same_topics(const struct json_request *one,
                            const struct json_request *other)
{
	if (one->topic_count != other->topic_count)
		return false;
	for (size_t i = 0; i < one->topic_count; i++) {
		const struct json_topic *a = &one->topics[i];
		const struct json_topic *b = &other->topics[i];

		if (!slice_equals(a->topic, b->topic) || a->qos != b->qos ||
		    a->as != b->as ||
		    !is_same_rate(a->interval_ms, b->interval_ms))
			return false;
	}
	return true;
}

static bool is_same_slice(struct slice one, struct slice other)
{
	return (one.data == NULL) == (other.data == NULL) &&
	       slice_equals(one, other);
}

static bool are_same_users(const struct json_properties *one,
                           const struct json_properties *other)
{
	if (one->user_property_count != other->user_property_count)
		return false;
	for (size_t i = 0; i < one->user_property_count; i++) {
		if (!slice_equals(one->user_properties[i].name,
		                  other->user_properties[i].name) ||
		    !slice_equals(one->user_properties[i].value,
		                  other->user_properties[i].value))
			return false;
	}
	return true;
}

static bool are_same_properties(const struct json_properties *one,
                                const struct json_properties *other)
{
	return is_same_slice(one->content_type, other->content_type) &&
	       is_same_slice(one->response_topic, other->response_topic) &&
	       is_same_slice(one->correlation_data, other->correlation_data) &&
	       one->has_expiry == other->has_expiry &&
	       one->expiry_s == other->expiry_s &&
	       one->has_format == other->has_format &&
	       one->format == other->format && are_same_users(one, other);
}

bool json_frame_is_same(const struct json_request *one,
                        const struct json_request *other)
{
	return one->type == other->type && slice_equals(one->id, other->id) &&
	       are_same_topics(one, other) &&
	       is_same_slice(one->topic, other->topic) &&
	       is_same_slice(one->payload, other->payload) &&
	       one->qos == other->qos &&
	       one->is_retained == other->is_retained &&
	       one->timeout_ms == other->timeout_ms &&
	       are_same_properties(&one->properties, &other->properties) &&
	       is_same_slice(one->token, other->token);
}
