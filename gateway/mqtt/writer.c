/* SPDX-License-Identifier: Apache-2.0 */
#include "mqtt/writer.h"

#include <string.h>

#include "mqtt/protocol.h"

#define VARINT_BITS 7
#define VARINT_MORE 0x80u /* another octet follows */

void mqtt_writer_init(struct mqtt_writer *writer, uint8_t *buffer, size_t size)
{
	*writer = (struct mqtt_writer){ .data = buffer, .size = size };
}

struct slice mqtt_writer_written(const struct mqtt_writer *writer)
{
	return (struct slice){ writer->data, writer->len };
}

/* The place of the next `len` octets; NULL: there is none. */
static uint8_t *reserve(struct mqtt_writer *writer, size_t len)
{
	if (writer->is_full || len > writer->size - writer->len) {
		writer->is_full = true;
		return NULL;
	}
	writer->len += len;
	return writer->data + writer->len - len;
}

void mqtt_write_u8(struct mqtt_writer *writer, uint8_t value)
{
	uint8_t *place = reserve(writer, sizeof(value));

	if (place)
		place[0] = value;
}

void mqtt_write_u16(struct mqtt_writer *writer, uint16_t value)
{
	uint8_t *place = reserve(writer, sizeof(value));

	if (!place)
		return;
	place[0] = (uint8_t)(value >> 8);
	place[1] = (uint8_t)value;
}

void mqtt_write_u32(struct mqtt_writer *writer, uint32_t value)
{
	uint8_t *place = reserve(writer, sizeof(value));

	if (!place)
		return;
	place[0] = (uint8_t)(value >> 24);
	place[1] = (uint8_t)(value >> 16);
	place[2] = (uint8_t)(value >> 8);
	place[3] = (uint8_t)value;
}

void mqtt_write_varint(struct mqtt_writer *writer, uint32_t value)
{
	if (value > MQTT_REMAINING_MAX)
		writer->is_full = true;
	while (value >= VARINT_MORE && !writer->is_full) {
		mqtt_write_u8(writer, (uint8_t)(value | VARINT_MORE));
		value >>= VARINT_BITS;
	}
	mqtt_write_u8(writer, (uint8_t)value);
}

void mqtt_write_bytes(struct mqtt_writer *writer, struct slice bytes)
{
	uint8_t *place = reserve(writer, bytes.len);

	if (place && bytes.len > 0)
		memcpy(place, bytes.data, bytes.len);
}

void mqtt_write_string(struct mqtt_writer *writer, struct slice string)
{
	if (string.len > UINT16_MAX)
		writer->is_full = true;
	mqtt_write_u16(writer, (uint16_t)string.len);
	mqtt_write_bytes(writer, string);
}
