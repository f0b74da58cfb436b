/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads a CONNECT packet whole [MQTT3 3.1, MQTT5 3.1; level 3 is MQTT 3.1].
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attribute.h"
#include "base/slice.h"

struct mqtt_connect {
	uint8_t level; /* 3, 4 or 5 */
	bool clean;    /* clean session, or clean start */
	uint16_t keep_alive_s;
	struct slice properties; /* MQTT 5: without their length; else empty */
	struct slice client_id;  /* may be empty */
	bool has_will;
	uint8_t will_qos;
	bool will_retain;
	struct slice will_properties; /* MQTT 5 */
	struct slice will_topic;
	struct slice will_payload;
	bool has_username; /* MQTT 3.1: false too when flagged but missing */
	struct slice username;
	bool has_password; /* as has_username */
	struct slice password;
};

enum mqtt_connect_read {
	MQTT_CONNECT_OK = 0,
	MQTT_CONNECT_MALFORMED,      /* MQTT 5 answer: 0x81 */
	MQTT_CONNECT_PROTOCOL_ERROR, /* MQTT 5 answer: 0x82 */
	MQTT_CONNECT_UNKNOWN_LEVEL,  /* no protocol that postern knows */
	MQTT_CONNECT_BAD_CLIENT_ID,  /* empty where not allowed; else valid */
};

/*
 * Reads the whole packet, fixed header included. The slices of `connect`
 * point into `packet`. On failure only `level` is set, so that the caller
 * knows in which version to answer: to 0 where it could not be read or is
 * unknown.
 */
MUST_CHECK enum mqtt_connect_read
mqtt_connect_read(struct slice packet, struct mqtt_connect *connect);
