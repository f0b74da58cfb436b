/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads a DISCONNECT [MQTT3 3.14, MQTT5 3.14]; in MQTT 5 a server sends it
 * too.
 */
#pragma once

#include <stdint.h>

#include "base/attribute.h"
#include "base/slice.h"
#include "mqtt/fault.h"
#include "mqtt/protocol.h"

#define MQTT_DISCONNECT_WITH_WILL 0x04 /* [MQTT5 3.14.2.1] */

struct mqtt_disconnect {
	uint8_t reason;          /* 0 where none was given */
	struct slice properties; /* MQTT 5: without their length; else empty */
};

/*
 * Reads the whole packet, fixed header included. `properties` points into it.
 * On a fault `disconnect` is not touched. A client's reason code and
 * properties must be a client's, a server's code may be anything. A Session
 * Expiry Interval that the CONNECT forbids is the caller's to find.
 */
MUST_CHECK enum mqtt_fault
mqtt_disconnect_read(struct slice packet, uint8_t level,
                     enum mqtt_sender sender,
                     struct mqtt_disconnect *disconnect);
