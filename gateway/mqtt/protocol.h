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

/* Which side sends: decides which packets, flags and codes can be. */
enum mqtt_sender {
	MQTT_SENDER_CLIENT = 0,
	MQTT_SENDER_SERVER,
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

/* In CONNECT [MQTT3 3.1.2.3, MQTT5 3.1.2.3]. */
enum mqtt_connect_flag {
	MQTT_CONNECT_FLAG_RESERVED = 0x01,
	MQTT_CONNECT_FLAG_CLEAN = 0x02,
	MQTT_CONNECT_FLAG_WILL = 0x04,
	MQTT_CONNECT_FLAG_WILL_QOS = 0x18,
	MQTT_CONNECT_FLAG_WILL_RETAIN = 0x20,
	MQTT_CONNECT_FLAG_PASSWORD = 0x40,
	MQTT_CONNECT_FLAG_USERNAME = 0x80,
};

#define MQTT_WILL_QOS_SHIFT 3

/* In the options of a subscription [MQTT3 3.8.3, MQTT5 3.8.3.1]. */
enum mqtt_option {
	MQTT_OPTION_QOS = 0x03,
	MQTT_OPTION_NO_LOCAL = 0x04,
	MQTT_OPTION_RETAIN_AS_PUBLISHED = 0x08,
	MQTT_OPTION_RETAIN_HANDLING = 0x30,
	MQTT_OPTION_RESERVED = 0xc0,
};

#define MQTT_REMAINING_MAX 268435455u /* [MQTT5 1.5.5] */

#define MQTT_SESSION_TAKEN_OVER 0x8E /* [MQTT5 2.4] */

static inline enum mqtt_type mqtt_type_of(uint8_t first)
{
	return (enum mqtt_type)(first >> 4);
}

/* Of the first octet of a PUBLISH; 3 is not allowed. */
static inline uint8_t mqtt_qos_of(uint8_t first)
{
	return (uint8_t)(first >> 1 & 3u);
}
