/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads SUBACK and UNSUBACK [MQTT3 3.9, 3.11; MQTT5 3.9, 3.11], which only a
 * server sends.
 */
#pragma once

#include <stdint.h>

#include "base/attribute.h"
#include "base/slice.h"
#include "mqtt/fault.h"

#define MQTT_SUBACK_REFUSED3 0x80 /* MQTT 3.1.1 [MQTT3 3.9.3] */

struct mqtt_suback {
	uint16_t packet_id;
	struct slice properties; /* MQTT 5: without their length; else empty */
	struct slice codes;      /* one octet for each filter, of any value */
};

/*
 * Reads the whole packet, fixed header included. The slices of `suback` point
 * into it. On a fault it is not touched. There is at least one code, except
 * in the UNSUBACK of MQTT 3.1 and 3.1.1, which has none.
 */
MUST_CHECK enum mqtt_fault mqtt_suback_read(struct slice packet, uint8_t level,
                                            struct mqtt_suback *suback);
