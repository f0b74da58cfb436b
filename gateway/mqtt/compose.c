/* SPDX-License-Identifier: Apache-2.0 */
#include "mqtt/compose.h"

#include "mqtt/protocol.h"

static uint8_t first_octet(enum mqtt_type type)
{
	return (uint8_t)(type << 4);
}

size_t mqtt_compose_connack(uint8_t *buffer, uint8_t level, uint8_t code)
{
	size_t len = 0;

	buffer[len++] = first_octet(MQTT_CONNACK);
	buffer[len++] = level == MQTT_LEVEL_5 ? 3 : 2;
	buffer[len++] = 0; /* no session present */
	buffer[len++] = code;
	if (level == MQTT_LEVEL_5)
		buffer[len++] = 0; /* no properties */
	return len;
}

/*
 * The length of the properties could be left out [MQTT5 3.14.2.2.1], but not
 * every client reads that form.
 */
size_t mqtt_compose_disconnect(uint8_t *buffer, uint8_t code)
{
	size_t len = 0;

	buffer[len++] = first_octet(MQTT_DISCONNECT);
	buffer[len++] = 2;
	buffer[len++] = code;
	buffer[len++] = 0; /* no properties */
	return len;
}
