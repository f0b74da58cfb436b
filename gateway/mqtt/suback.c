/* SPDX-License-Identifier: Apache-2.0 */
#include "mqtt/suback.h"

#include <stdbool.h>

#include "mqtt/properties.h"
#include "mqtt/protocol.h"
#include "mqtt/reader.h"

enum mqtt_fault mqtt_suback_read(struct slice packet, uint8_t level,
                                 struct mqtt_suback *suback)
{
	struct mqtt_properties_used used = { 0 };
	struct mqtt_suback read = { 0 };
	enum mqtt_fault fault = MQTT_FAULT_NONE;
	uint8_t first;

	if (!mqtt_reader_header(&packet, &first) ||
	    !mqtt_reader_u16(&packet, &read.packet_id))
		return MQTT_FAULT_MALFORMED;

	enum mqtt_type type = mqtt_type_of(first);
	bool has_codes = type == MQTT_SUBACK || level == MQTT_LEVEL_5;

	if (level == MQTT_LEVEL_5)
		fault = mqtt_properties_read(&packet, type, &used,
		                             &read.properties);
	if (fault != MQTT_FAULT_NONE)
		return fault;
	if (has_codes != (packet.len > 0))
		return MQTT_FAULT_MALFORMED;
	if (read.packet_id == 0)
		return MQTT_FAULT_PROTOCOL;
	read.codes = packet;
	*suback = read;
	return MQTT_FAULT_NONE;
}
