/* SPDX-License-Identifier: Apache-2.0 */
#include "mqtt/disconnect.h"

#include <stdbool.h>

#include "mqtt/properties.h"
#include "mqtt/reader.h"
#include "mqtt/reason.h"

/* Only a server knows of another one [MQTT5 3.14.2.2.5]. */
static bool is_a_servers(struct slice properties)
{
	struct mqtt_property found;

	return mqtt_properties_find(properties, MQTT_PROPERTY_SERVER_REFERENCE,
	                            &found);
}

enum mqtt_fault mqtt_disconnect_read(struct slice packet, uint8_t level,
                                     enum mqtt_sender sender,
                                     struct mqtt_disconnect *disconnect)
{
	struct mqtt_disconnect read = { 0 };
	enum mqtt_fault fault = MQTT_FAULT_NONE;
	uint8_t first;

	if (!mqtt_reader_header(&packet, &first))
		return MQTT_FAULT_MALFORMED;
	if (level == MQTT_LEVEL_5)
		fault = mqtt_reason_read(packet, MQTT_DISCONNECT, sender,
		                         &read.reason, &read.properties);
	else if (packet.len > 0)
		fault = MQTT_FAULT_MALFORMED;
	if (fault == MQTT_FAULT_NONE && sender == MQTT_SENDER_CLIENT &&
	    is_a_servers(read.properties))
		fault = MQTT_FAULT_PROTOCOL;
	if (fault == MQTT_FAULT_NONE)
		*disconnect = read;
	return fault;
}
