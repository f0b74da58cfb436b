/* SPDX-License-Identifier: Apache-2.0 */
#include "json/field.h"

#include <stddef.h>
#include <string.h>

/* By enum json_field. */
static const struct {
	const char *name;
	const char *rule;
} fields[] = {
	[JSON_FIELD_TYPE] = { "type", "type is subscribe, unsubscribe, publish,"
	                              " request, auth or ping" },
	[JSON_FIELD_ID] = { "id", "id is a string or a number of at most"
	                          " 64 octets" },
	[JSON_FIELD_TOPIC] = { "topic", "topic is needed, as a string" },
	[JSON_FIELD_TOPICS] = { "topics", "either topic is needed, or topics,"
	                                  " an array of 1 to 64" },
	[JSON_FIELD_QOS] = { "qos", "qos is 0, 1 or 2" },
	[JSON_FIELD_AS] = { "as", "as is plain, json, base64 or auto" },
	[JSON_FIELD_MAX_RATE] = { "max_rate", "max_rate is a number above 0 and"
	                                      " up to 1000000" },
	[JSON_FIELD_PAYLOAD] = { "payload", "payload is needed; an empty one is"
	                                    " written \"\"" },
	[JSON_FIELD_PAYLOAD_ENCODING] = { "payload_encoding",
	                                  "payload_encoding is plain, json or"
	                                  " base64" },
	[JSON_FIELD_RETAIN] = { "retain", "retain is true or false" },
	[JSON_FIELD_TIMEOUT_MS] = { "timeout_ms", "timeout_ms is an integer"
	                                          " from 1 to 300000" },
	[JSON_FIELD_TOKEN] = { "token", "token is needed, as a string" },
	[JSON_FIELD_PROPERTIES] = { "properties", "properties is an object" },
	[JSON_FIELD_CONTENT_TYPE] = { "content_type", "content_type is a string"
	                                              " without control"
	                                              " characters" },
	[JSON_FIELD_RESPONSE_TOPIC] = { "response_topic",
	                                "response_topic is a string" },
	[JSON_FIELD_CORRELATION_DATA] = { "correlation_data",
	                                  "correlation_data is a string of at"
	                                  " most 65535 octets" },
	[JSON_FIELD_CORRELATION_DATA_ENCODING] = { "correlation_data_encoding",
	                                           "correlation_data_encoding"
	                                           " is plain or base64" },
	[JSON_FIELD_EXPIRY] = { "message_expiry_interval",
	                        "message_expiry_interval is an integer from 0"
	                        " to 4294967295" },
	[JSON_FIELD_FORMAT] = { "payload_format_indicator",
	                        "payload_format_indicator is 0 or 1" },
	[JSON_FIELD_USER_PROPERTIES] = { "user_properties",
	                                 "user_properties is an object of up to"
	                                 " 64 strings, or arrays of them,"
	                                 " without control characters" },
};

#define FIELDS (sizeof(fields) / sizeof(fields[0]))

enum json_field json_field_find(struct slice name)
{
	for (size_t i = 1; i < FIELDS; i++) {
		if (slice_is(name, fields[i].name))
			return (enum json_field)i;
	}
	return JSON_FIELD_OTHER;
}

const char *json_field_name(enum json_field field)
{
	return fields[field].name;
}

const char *json_field_rule(enum json_field field)
{
	return fields[field].rule;
}
