/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The properties of a message [MQTT5 3.3.2.3] that a page may give and gets.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attribute.h"
#include "base/slice.h"

struct json_reader;
struct json_writer;

#define JSON_USER_PROPERTIES_MAX 64 /* in one frame from a page */

struct json_user_property {
	struct slice name;
	struct slice value;
};

/* Zeroed: none. Strings are well-formed UTF-8 but for correlation_data. */
struct json_properties {
	struct slice content_type;     /* data is NULL: not there */
	struct slice response_topic;   /* the same */
	struct slice correlation_data; /* the same; any bytes */
	bool has_expiry;
	uint32_t expiry_s;
	bool has_format;
	uint8_t format; /* payload format indicator, 0 or 1 */
	struct json_user_property *user_properties; /* in their order */
	size_t user_property_count;
};

/* Whether there is any at all. */
bool json_properties_are_any(const struct json_properties *properties);

/*
 * Takes the properties of the message that `reader` is at. False: refused, or
 * out of memory, as `reader` says.
 */
MUST_CHECK bool json_properties_read(struct json_reader *reader,
                                     struct json_properties *properties);

/* Writes them as an object of that name, which is there even when empty. False:
 * no memory. */
MUST_CHECK bool json_properties_write(struct json_writer *writer,
                                      const struct json_properties *properties);
