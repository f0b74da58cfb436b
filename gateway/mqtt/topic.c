/* SPDX-License-Identifier: Apache-2.0 */
#include "mqtt/topic.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "mqtt/utf8.h"

#define FIRST_PRINTABLE 0x20
#define ASCII_DELETE 0x7f

bool mqtt_topic_is_name(struct slice topic)
{
	size_t levels = 1;
	bool is_ascii = true;

	for (size_t i = 0; i < topic.len; i++) {
		uint8_t octet = topic.data[i];

		if (octet > '/' && octet < ASCII_DELETE)
			continue;
		if (octet == '/')
			levels++;
		else if (octet > ASCII_DELETE)
			is_ascii = false;
		else if (octet == '+' || octet == '#' ||
		         octet < FIRST_PRINTABLE || octet == ASCII_DELETE)
			return false;
	}
	return topic.len > 0 && topic.len <= MQTT_TOPIC_BYTES &&
	       levels <= MQTT_TOPIC_LEVELS &&
	       (is_ascii || mqtt_utf8_is_string(topic));
}

struct mqtt_topic_levels mqtt_topic_levels(struct slice text)
{
	return (struct mqtt_topic_levels){ .rest = text };
}

bool mqtt_topic_next(struct mqtt_topic_levels *levels, struct slice *level)
{
	struct slice *rest = &levels->rest;
	const uint8_t *slash = NULL;

	if (levels->is_done)
		return false;
	if (rest->len > 0)
		slash = memchr(rest->data, '/', rest->len);
	levels->is_done = slash == NULL;
	if (levels->is_done) {
		*level = slice_take(rest, rest->len);
	} else {
		*level = slice_take(rest, (size_t)(slash - rest->data));
		(void)slice_take(rest, 1);
	}
	return true;
}
