/* SPDX-License-Identifier: Apache-2.0 */
#include "json/publish.h"

#include "mqtt/topic.h"
#include "mqtt/utf8.h"
#include "json/base64.h"
#include "json/reader.h"

static bool take_topic(struct json_reader *reader, struct slice *topic)
{
	if (!json_reader_string(reader, JSON_FIELD_TOPIC, topic))
		return false;
	if (!topic->data)
		return json_reader_wrong(reader, JSON_FIELD_TOPIC);
	if (!mqtt_topic_is_name(*topic))
		return json_reader_refuse(reader, JSON_CODE_TOPIC,
		                          "this is no topic name of MQTT");
	return true;
}

static bool take_base64(struct json_reader *reader, struct json_value *value,
                        struct slice *payload)
{
	struct slice text;

	if (value->kind == JSON_STRING) {
		text = json_reader_unescape(value);
		*payload = text;
		if (json_base64_read(value->text + 1, text.len, &payload->len))
			return true;
	}
	return json_reader_refuse(reader, JSON_CODE_PAYLOAD,
	                          "payload is a string of base64, with padding"
	                          " and without white space");
}

/* Without `encoding` a string is plain, and any other value its own text. */
static bool take_as(struct json_reader *reader, struct slice encoding,
                    struct json_value *value, struct slice *payload)
{
	bool is_string = value->kind == JSON_STRING;

	if (encoding.data && slice_is(encoding, "base64"))
		return take_base64(reader, value, payload);
	if (encoding.data && slice_is(encoding, "plain")) {
		if (!is_string)
			return json_reader_refuse(
			    reader, JSON_CODE_PROTOCOL,
			    "a plain payload is a string");
	} else if (encoding.data && slice_is(encoding, "json")) {
		is_string = false;
	} else if (encoding.data) {
		return json_reader_wrong(reader, JSON_FIELD_PAYLOAD_ENCODING);
	}
	*payload = is_string ? json_reader_unescape(value)
	                     : (struct slice){ value->text, value->len };
	return true;
}

static bool take_payload(struct json_reader *reader, struct slice *payload)
{
	struct json_value *value = json_reader_find(reader, JSON_FIELD_PAYLOAD);
	struct slice encoding = { NULL, 0 };

	if (!value)
		return json_reader_wrong(reader, JSON_FIELD_PAYLOAD);
	return json_reader_string(reader, JSON_FIELD_PAYLOAD_ENCODING,
	                          &encoding) &&
	       take_as(reader, encoding, value, payload);
}

static bool check_format(struct json_reader *reader,
                         const struct json_request *request)
{
	if (request->properties.has_format && request->properties.format == 1 &&
	    !mqtt_utf8_is_well_formed(request->payload))
		return json_reader_refuse(reader, JSON_CODE_PAYLOAD,
		                          "payload_format_indicator says UTF-8,"
		                          " and payload is not");
	return true;
}

/* The gateway has both of its own. */
static bool check_request(struct json_reader *reader,
                          const struct json_request *request)
{
	if (request->properties.response_topic.data ||
	    request->properties.correlation_data.data)
		return json_reader_refuse(
		    reader, JSON_CODE_PROTOCOL,
		    "response_topic and correlation_data of a request are the"
		    " gateway's");
	return true;
}

bool json_publish_read(struct json_reader *reader, struct json_request *request)
{
	bool is_done = take_topic(reader, &request->topic) &&
	               take_payload(reader, &request->payload) &&
	               json_reader_qos(reader, &request->qos) &&
	               json_properties_read(reader, &request->properties) &&
	               check_format(reader, request);

	if (!is_done)
		return false;
	if (request->type == JSON_REQUEST_PUBLISH)
		return json_reader_boolean(reader, JSON_FIELD_RETAIN,
		                           &request->is_retained);
	request->timeout_ms = JSON_TIMEOUT_MS;
	return check_request(reader, request) &&
	       json_reader_integer(reader, JSON_FIELD_TIMEOUT_MS, 1,
	                           JSON_TIMEOUT_MS_MAX, &request->timeout_ms,
	                           NULL);
}
