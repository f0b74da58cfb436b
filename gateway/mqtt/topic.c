/* SPDX-License-Identifier: Apache-2.0 */
#include "mqtt/topic.h"

#include <stddef.h>
#include <stdint.h>

bool mqtt_topic_is_name(struct slice topic)
{
	size_t levels = 1;

	for (size_t i = 0; i < topic.len; i++) {
		uint8_t octet = topic.data[i];

		if (octet == '+' || octet == '#')
			return false;
		if (octet == '/')
			levels++;
	}
	return topic.len > 0 && levels <= MQTT_TOPIC_LEVELS;
}
