/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads an AUTH [MQTT5 3.15], which there is in MQTT 5 only.
 */
#pragma once

#include <stdint.h>

#include "base/attribute.h"
#include "base/slice.h"
#include "mqtt/fault.h"
#include "mqtt/protocol.h"

struct mqtt_auth {
	uint8_t reason;          /* 0 where none was given */
	struct slice properties; /* without their length */
};

/*
 * Reads the whole packet, fixed header included. `properties` points into it.
 * On a fault `auth` is not touched. A client must name the method and have a
 * client's reason code. In another level than 5 it is out of place.
 */
MUST_CHECK enum mqtt_fault mqtt_auth_read(struct slice packet, uint8_t level,
                                          enum mqtt_sender sender,
                                          struct mqtt_auth *auth);
