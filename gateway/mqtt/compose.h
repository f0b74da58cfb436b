/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes the few packets that the gateway itself puts on the wire.
 *
 * Each writes into `buffer` and gives the length written.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define MQTT_COMPOSE_BYTES 8 /* room that any of these needs */

/* CONNACK without session [MQTT3 3.2, MQTT5 3.2]; `level` 3, 4 or 5. */
size_t mqtt_compose_connack(uint8_t *buffer, uint8_t level, uint8_t code);

/* DISCONNECT from the server [MQTT5 3.14]; MQTT 5 only. */
size_t mqtt_compose_disconnect(uint8_t *buffer, uint8_t code);
