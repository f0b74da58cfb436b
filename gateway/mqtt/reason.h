/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reason code and the properties that end an acknowledgement, a
 * DISCONNECT or an AUTH of MQTT 5 [MQTT5 2.4]. Knows which side may say what.
 */
#pragma once

#include <stdint.h>

#include "base/attribute.h"
#include "base/slice.h"
#include "mqtt/fault.h"
#include "mqtt/protocol.h"

/*
 * Reads `rest` whole: the end of a packet of type `type`. Both parts may be
 * left out where the standard says so: 0 and an empty list then. Of a client
 * the code must be one that it may send there; what a server means by a code
 * is for the client to judge.
 */
MUST_CHECK enum mqtt_fault mqtt_reason_read(struct slice rest,
                                            enum mqtt_type type,
                                            enum mqtt_sender sender,
                                            uint8_t *reason,
                                            struct slice *properties);
