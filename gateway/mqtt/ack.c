/* SPDX-License-Identifier: Apache-2.0 */
#include "mqtt/ack.h"

#include "mqtt/reader.h"
#include "mqtt/reason.h"

enum mqtt_fault mqtt_ack_read(struct slice packet, uint8_t level,
                              enum mqtt_sender sender, struct mqtt_ack *ack)
{
	struct mqtt_ack read = { 0 };
	enum mqtt_fault fault = MQTT_FAULT_NONE;
	struct slice properties;
	uint8_t first;

	if (!mqtt_reader_header(&packet, &first) ||
	    !mqtt_reader_u16(&packet, &read.packet_id))
		return MQTT_FAULT_MALFORMED;
	if (level == MQTT_LEVEL_5)
		fault = mqtt_reason_read(packet, mqtt_type_of(first), sender,
		                         &read.reason, &properties);
	else if (packet.len > 0)
		fault = MQTT_FAULT_MALFORMED;
	if (fault == MQTT_FAULT_NONE && read.packet_id == 0)
		fault = MQTT_FAULT_PROTOCOL;
	if (fault == MQTT_FAULT_NONE)
		*ack = read;
	return fault;
}
