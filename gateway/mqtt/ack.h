/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads the four packets that acknowledge a PUBLISH: PUBACK, PUBREC, PUBREL
 * and PUBCOMP [MQTT3 3.4 to 3.7, MQTT5 3.4 to 3.7].
 */
#pragma once

#include <stdint.h>

#include "base/attribute.h"
#include "base/slice.h"
#include "mqtt/fault.h"
#include "mqtt/protocol.h"

#define MQTT_REASON_FAILURE 0x80 /* reason codes from here on are refusals */

struct mqtt_ack {
	uint16_t packet_id;
	uint8_t reason; /* 0 where none was given */
};

/*
 * Reads the whole packet, fixed header included. On a fault `ack` is not
 * touched. A client's reason code must be one of that packet's, a server's
 * may be anything.
 */
MUST_CHECK enum mqtt_fault mqtt_ack_read(struct slice packet, uint8_t level,
                                         enum mqtt_sender sender,
                                         struct mqtt_ack *ack);
