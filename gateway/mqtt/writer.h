/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes the data types of MQTT [MQTT3 1.5, MQTT5 1.5] one after the other
 * into memory that belongs to the caller: what mqtt/reader.h reads.
 *
 * Once something did not fit, `is_full` stays set and nothing more is
 * written, so that it is enough to ask at the end.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

struct mqtt_writer {
	uint8_t *data;
	size_t size;
	size_t len;   /* octets written */
	bool is_full; /* something is missing: what is there is of no use */
};

void mqtt_writer_init(struct mqtt_writer *writer, uint8_t *buffer, size_t size);

/* What was written, for as long as the buffer lives. */
struct slice mqtt_writer_written(const struct mqtt_writer *writer);

void mqtt_write_u8(struct mqtt_writer *writer, uint8_t value);
void mqtt_write_u16(struct mqtt_writer *writer, uint16_t value);
void mqtt_write_u32(struct mqtt_writer *writer, uint32_t value);

/* A value over MQTT_REMAINING_MAX does not fit. */
void mqtt_write_varint(struct mqtt_writer *writer, uint32_t value);

/* `bytes` must not lie in the buffer. */
void mqtt_write_bytes(struct mqtt_writer *writer, struct slice bytes);

/* With its length before it; one of more than 65535 octets does not fit. */
void mqtt_write_string(struct mqtt_writer *writer, struct slice string);
