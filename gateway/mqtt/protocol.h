/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The numbers of MQTT [MQTT3 2.2.1, MQTT5 2.1.2].
 */
#pragma once

#include <stdint.h>

enum mqtt_type {
	MQTT_RESERVED = 0,
	MQTT_CONNECT,
	MQTT_CONNACK,
	MQTT_PUBLISH,
	MQTT_PUBACK,
	MQTT_PUBREC,
	MQTT_PUBREL,
	MQTT_PUBCOMP,
	MQTT_SUBSCRIBE,
	MQTT_SUBACK,
	MQTT_UNSUBSCRIBE,
	MQTT_UNSUBACK,
	MQTT_PINGREQ,
	MQTT_PINGRESP,
	MQTT_DISCONNECT,
	MQTT_AUTH,
};

enum mqtt_level {
	MQTT_LEVEL_3_1 = 3,
	MQTT_LEVEL_3_1_1 = 4,
	MQTT_LEVEL_5 = 5,
};

/* The low half of the first octet of a PUBLISH [MQTT5 3.3.1]. */
#define MQTT_FLAG_RETAIN 0x01u
#define MQTT_FLAG_DUP 0x08u
#define MQTT_QOS_MAX 2u

#define MQTT_REMAINING_MAX 268435455u /* [MQTT5 1.5.5] */

#define MQTT_SESSION_TAKEN_OVER 0x8E /* [MQTT5 2.4] */

static inline enum mqtt_type mqtt_type_of(uint8_t first)
{
	return (enum mqtt_type)(first >> 4);
}

/* Of the first octet of a PUBLISH; 3 is not allowed. */
#define MQTT_SESSION_TAKEN_OVER 0x8E /* [MQTT5 2.4] */

static inline uint8_t mqtt_qos_of(uint8_t first)
{
	return (uint8_t)(first >> 1 & 3u);
}
