/* SPDX-License-Identifier: Apache-2.0 */
#include "json/properties.h"

#include <stdlib.h>

#include "mqtt/topic.h"
#include "mqtt/utf8.h"
#include "json/base64.h"
#include "json/reader.h"

bool json_properties_are_any(const struct json_properties *properties)
{
	return properties->content_type.data ||
	       properties->response_topic.data ||
	       properties->correlation_data.data || properties->has_expiry ||
	       properties->has_format || properties->user_property_count > 0;
}

/* [MQTT5 1.5.4] */
static bool is_string(struct slice text)
{
	return text.len <= UINT16_MAX && mqtt_utf8_is_string(text);
}

static bool take_content_type(struct json_reader *reader, struct slice *type)
{
	if (!json_reader_string(reader, JSON_FIELD_CONTENT_TYPE, type))
		return false;
	if (type->data && !is_string(*type))
		return json_reader_wrong(reader, JSON_FIELD_CONTENT_TYPE);
	return true;
}

static bool take_response_topic(struct json_reader *reader, struct slice *topic)
{
	if (!json_reader_string(reader, JSON_FIELD_RESPONSE_TOPIC, topic))
		return false;
	if (topic->data && !mqtt_topic_is_name(*topic))
		return json_reader_refuse(
		    reader, JSON_CODE_TOPIC,
		    "response_topic is no topic name of MQTT");
	return true;
}

/* Gives what the string stands for, which is written over it. */
static bool decode(struct json_reader *reader, struct json_value *value,
                   struct slice *bytes)
{
	struct slice encoding = { NULL, 0 };

	*bytes = json_reader_unescape(value);
	if (!json_reader_string(reader, JSON_FIELD_CORRELATION_DATA_ENCODING,
	                        &encoding))
		return false;
	if (!encoding.data || slice_is(encoding, "plain"))
		return true;
	if (!slice_is(encoding, "base64"))
		return json_reader_wrong(reader,
		                         JSON_FIELD_CORRELATION_DATA_ENCODING);
	if (!json_base64_read(value->text + 1, bytes->len, &bytes->len))
		return json_reader_refuse(reader, JSON_CODE_PROTOCOL,
		                          "correlation_data is base64, with"
		                          " padding and without white space");
	return true;
}

static bool take_correlation(struct json_reader *reader, struct slice *bytes)
{
	struct json_value *value =
	    json_reader_find(reader, JSON_FIELD_CORRELATION_DATA);

	if (!value)
		return true;
	if (value->kind != JSON_STRING)
		return json_reader_wrong(reader, JSON_FIELD_CORRELATION_DATA);
	if (!decode(reader, value, bytes))
		return false;
	if (bytes->len > UINT16_MAX)
		return json_reader_wrong(reader, JSON_FIELD_CORRELATION_DATA);
	return true;
}

static bool take_format(struct json_reader *reader,
                        struct json_properties *properties)
{
	uint32_t format = 0;

	if (!json_reader_integer(reader, JSON_FIELD_FORMAT, 0, 1, &format,
	                         &properties->has_format))
		return false;
	properties->format = (uint8_t)format;
	return true;
}

static bool add_user(struct json_reader *reader,
                     struct json_properties *properties, struct slice name,
                     struct json_value *value)
{
	struct json_user_property *user;

	if (value->kind != JSON_STRING ||
	    properties->user_property_count == JSON_USER_PROPERTIES_MAX)
		return json_reader_wrong(reader, JSON_FIELD_USER_PROPERTIES);
	user = &properties->user_properties[properties->user_property_count];
	user->name = name;
	user->value = json_reader_unescape(value);
	if (!is_string(user->name) || !is_string(user->value))
		return json_reader_wrong(reader, JSON_FIELD_USER_PROPERTIES);
	properties->user_property_count++;
	return true;
}

/* The property at `at`, or all of them if it is an array. */
static bool add_users(struct json_reader *reader,
                      struct json_properties *properties, size_t at)
{
	const struct json_document *document = reader->document;
	struct json_value *value = &document->values[at];
	struct slice name = value->key;
	size_t each;

	if (value->kind != JSON_ARRAY)
		return add_user(reader, properties, name, value);
	for (each = json_document_next(document, at, at + 1); each < value->end;
	     each = json_document_next(document, at, each + 1)) {
		if (!add_user(reader, properties, name,
		              &document->values[each]))
			return false;
	}
	return true;
}

static bool take_users(struct json_reader *reader,
                       struct json_properties *properties)
{
	const struct json_document *document = reader->document;
	const struct json_value *users =
	    json_reader_find(reader, JSON_FIELD_USER_PROPERTIES);
	size_t list, at;

	if (!users)
		return true;
	if (users->kind != JSON_OBJECT)
		return json_reader_wrong(reader, JSON_FIELD_USER_PROPERTIES);
	properties->user_properties = calloc(
	    JSON_USER_PROPERTIES_MAX, sizeof(properties->user_properties[0]));
	if (!properties->user_properties) {
		reader->is_out_of_memory = true;
		return false;
	}
	list = (size_t)(users - document->values);
	for (at = json_document_next(document, list, list + 1); at < users->end;
	     at = json_document_next(document, list, at + 1)) {
		if (!add_users(reader, properties, at))
			return false;
	}
	return true;
}

static bool take_all(struct json_reader *reader,
                     struct json_properties *properties)
{
	return take_content_type(reader, &properties->content_type) &&
	       take_response_topic(reader, &properties->response_topic) &&
	       take_correlation(reader, &properties->correlation_data) &&
	       json_reader_integer(reader, JSON_FIELD_EXPIRY, 0, UINT32_MAX,
	                           &properties->expiry_s,
	                           &properties->has_expiry) &&
	       take_format(reader, properties) &&
	       take_users(reader, properties);
}

bool json_properties_read(struct json_reader *reader,
                          struct json_properties *properties)
{
	const struct json_value *value =
	    json_reader_find(reader, JSON_FIELD_PROPERTIES);
	size_t outer = reader->object;
	bool is_done;

	if (!value)
		return true;
	if (value->kind != JSON_OBJECT)
		return json_reader_wrong(reader, JSON_FIELD_PROPERTIES);
	reader->object = (size_t)(value - reader->document->values);
	is_done = take_all(reader, properties);
	reader->object = outer;
	return is_done;
}
