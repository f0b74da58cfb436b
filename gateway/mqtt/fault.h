/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What can be wrong with a packet. MQTT 5 has an answer for each, the
 * versions before it just close [MQTT5 4.13, MQTT3 4.8].
 */
#pragma once

enum mqtt_fault {
	MQTT_FAULT_NONE = 0,
	MQTT_FAULT_MALFORMED, /* 0x81: cannot be read */
	MQTT_FAULT_PROTOCOL,  /* 0x82: can be read, but is not allowed */
	MQTT_FAULT_ALIAS,     /* 0x94: a Topic Alias that cannot be */
};
