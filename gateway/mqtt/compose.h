/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes the packets that the gateway itself puts on the wire.
 *
 * Each writes one whole packet into `buffer` and gives its length, or 0 when
 * it does not fit into `size` octets or is longer than MQTT allows. What a
 * reader of this room has read is written so that it reads the same again.
 * `level` is 3, 4 or 5; below 5 properties and reasons are left out. No slice
 * may point into `buffer`.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"
#include "mqtt/protocol.h"

struct mqtt_connack;
struct mqtt_connect;
struct mqtt_disconnect;
struct mqtt_publish;
struct mqtt_suback;
struct mqtt_subscribe;

/* Room for any packet without strings, properties and lists. */
#define MQTT_COMPOSE_BYTES 8

/* What a packet has at the most besides those. */
#define MQTT_COMPOSE_FRAME_BYTES 32

/* In the version that `connect` says [MQTT3 3.1, MQTT5 3.1]. */
size_t mqtt_compose_connect(uint8_t *buffer, size_t size,
                            const struct mqtt_connect *connect);

size_t mqtt_compose_connack(uint8_t *buffer, size_t size, uint8_t level,
                            const struct mqtt_connack *connack);

/* PUBACK, PUBREC, PUBREL or PUBCOMP, as `type` says. */
size_t mqtt_compose_ack(uint8_t *buffer, size_t size, uint8_t level,
                        enum mqtt_type type, uint16_t packet_id,
                        uint8_t reason);

/*
 * `publish` says all of the head: `has_alias` and `has_response_topic` do not
 * matter, they are in the properties.
 */
size_t mqtt_compose_publish(uint8_t *buffer, size_t size, uint8_t level,
                            const struct mqtt_publish *publish,
                            struct slice payload);

/* `list` goes out as it is; `count` does not matter. */
size_t mqtt_compose_subscribe(uint8_t *buffer, size_t size, uint8_t level,
                              const struct mqtt_subscribe *subscribe);

size_t mqtt_compose_suback(uint8_t *buffer, size_t size, uint8_t level,
                           const struct mqtt_suback *suback);

size_t mqtt_compose_disconnect(uint8_t *buffer, size_t size, uint8_t level,
                               const struct mqtt_disconnect *disconnect);
