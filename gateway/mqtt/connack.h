/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads a CONNACK [MQTT3 3.2, MQTT5 3.2], which only a server sends.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/attribute.h"
#include "base/slice.h"
#include "mqtt/fault.h"

struct mqtt_connack {
	bool has_session;        /* never in MQTT 3.1, which cannot tell */
	uint8_t code;            /* 0: accepted; of any value */
	struct slice properties; /* MQTT 5: without their length; else empty */
};

/*
 * Reads the whole packet, fixed header included. `properties` points into it.
 * On a fault `connack` is not touched. In MQTT 5 the form without properties
 * is good for one answer, that of an old server which knows no MQTT 5.
 */
MUST_CHECK enum mqtt_fault mqtt_connack_read(struct slice packet, uint8_t level,
                                             struct mqtt_connack *connack);
