/* SPDX-License-Identifier: Apache-2.0 */
#include "mqtt/auth.h"

#include <stdbool.h>

#include "mqtt/properties.h"
#include "mqtt/reader.h"
#include "mqtt/reason.h"

static bool has_method(struct slice properties)
{
	struct mqtt_property found;

	return mqtt_properties_find(properties, MQTT_PROPERTY_AUTH_METHOD,
	                            &found);
}

enum mqtt_fault mqtt_auth_read(struct slice packet, uint8_t level,
                               enum mqtt_sender sender, struct mqtt_auth *auth)
{
	struct mqtt_auth read = { 0 };
	enum mqtt_fault fault;
	uint8_t first;

	if (level != MQTT_LEVEL_5 || !mqtt_reader_header(&packet, &first))
		return MQTT_FAULT_MALFORMED;
	fault = mqtt_reason_read(packet, MQTT_AUTH, sender, &read.reason,
	                         &read.properties);
	/* [MQTT5 3.15.2.2.2] */
	if (fault == MQTT_FAULT_NONE && sender == MQTT_SENDER_CLIENT &&
	    !has_method(read.properties))
		fault = MQTT_FAULT_PROTOCOL;
	if (fault == MQTT_FAULT_NONE)
		*auth = read;
	return fault;
}
