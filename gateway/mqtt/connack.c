/* SPDX-License-Identifier: Apache-2.0 */
#include "mqtt/connack.h"

#include "mqtt/properties.h"
#include "mqtt/protocol.h"
#include "mqtt/reader.h"

#define SESSION_PRESENT 0x01
#define UNKNOWN_VERSION 0x01 /* [MQTT3 3.2.2.3] */

/* MQTT 3.1 disregards the octet. */
static bool read_flags(struct slice *rest, uint8_t level, bool *has_session)
{
	uint8_t flags;

	if (!mqtt_reader_u8(rest, &flags))
		return false;
	if (level == MQTT_LEVEL_3_1)
		flags = 0;
	*has_session = flags & SESSION_PRESENT;
	return flags <= SESSION_PRESENT;
}

enum mqtt_fault mqtt_connack_read(struct slice packet, uint8_t level,
                                  struct mqtt_connack *connack)
{
	struct mqtt_properties_used used = { 0 };
	struct mqtt_connack read = { 0 };
	enum mqtt_fault fault = MQTT_FAULT_NONE;
	uint8_t first;

	if (!mqtt_reader_header(&packet, &first) ||
	    !read_flags(&packet, level, &read.has_session) ||
	    !mqtt_reader_u8(&packet, &read.code))
		return MQTT_FAULT_MALFORMED;

	bool is_old = packet.len == 0 && read.code == UNKNOWN_VERSION;

	if (level == MQTT_LEVEL_5 && !is_old)
		fault = mqtt_properties_read(&packet, MQTT_CONNACK, &used,
		                             &read.properties);
	if (fault == MQTT_FAULT_NONE && packet.len > 0)
		fault = MQTT_FAULT_MALFORMED;
	if (fault == MQTT_FAULT_NONE)
		*connack = read;
	return fault;
}
