/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads the data types of MQTT [MQTT3 1.5, MQTT5 1.5] from the front of a
 * slice. The only way in which this room looks at bytes from outside: no
 * reader goes past the end of its slice.
 *
 * Each moves `rest` past what it read. Where it fails, neither `rest` nor the
 * result is touched.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attribute.h"
#include "base/slice.h"

enum mqtt_varint {
	MQTT_VARINT_OK = 0,
	MQTT_VARINT_SHORT,     /* the slice ends within it */
	MQTT_VARINT_MALFORMED, /* over four octets, or not the shortest form */
};

/* False: fewer octets left than asked for. */
MUST_CHECK bool mqtt_reader_u8(struct slice *rest, uint8_t *value);
MUST_CHECK bool mqtt_reader_u16(struct slice *rest, uint16_t *value);
MUST_CHECK bool mqtt_reader_u32(struct slice *rest, uint32_t *value);
MUST_CHECK bool mqtt_reader_bytes(struct slice *rest, size_t len,
                                  struct slice *bytes);

/* Variable byte integer [MQTT5 1.5.5], also the Remaining Length. */
MUST_CHECK enum mqtt_varint mqtt_reader_varint(struct slice *rest,
                                               uint32_t *value);

/* Octets with their length in two octets before them. */
MUST_CHECK bool mqtt_reader_binary(struct slice *rest, struct slice *binary);

/* The same; false also when they are not MQTT-UTF-8 (mqtt/utf8.h). */
MUST_CHECK bool mqtt_reader_string(struct slice *rest, struct slice *string);

/*
 * The fixed header of a whole packet; false also when more or less follows it
 * than it says.
 */
MUST_CHECK bool mqtt_reader_header(struct slice *rest, uint8_t *first);
