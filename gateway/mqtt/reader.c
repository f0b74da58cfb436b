/* SPDX-License-Identifier: Apache-2.0 */
#include "mqtt/reader.h"

#include "mqtt/utf8.h"

#define BINARY_LENGTH 2 /* octets of it */
#define VARINT_OCTETS 4
#define VARINT_MORE 0x80u /* another octet follows */

/*
 * The two halves of a slice are read and written apart: as one piece, behind a
 * change of one half, they would stall the processor for each field.
 */
static const uint8_t *advance(struct slice *rest, size_t len)
{
	const uint8_t *octets = rest->data;

	if (len > 0)
		rest->data = octets + len;
	rest->len -= len;
	return octets;
}

bool mqtt_reader_bytes(struct slice *rest, size_t len, struct slice *bytes)
{
	if (len > rest->len)
		return false;
	bytes->data = advance(rest, len);
	bytes->len = len;
	return true;
}

bool mqtt_reader_u8(struct slice *rest, uint8_t *value)
{
	if (rest->len < sizeof(*value))
		return false;
	*value = advance(rest, sizeof(*value))[0];
	return true;
}

static uint16_t u16_at(const uint8_t *octets)
{
	return (uint16_t)(octets[0] << 8 | octets[1]);
}

bool mqtt_reader_u16(struct slice *rest, uint16_t *value)
{
	if (rest->len < sizeof(*value))
		return false;
	*value = u16_at(advance(rest, sizeof(*value)));
	return true;
}

bool mqtt_reader_u32(struct slice *rest, uint32_t *value)
{
	if (rest->len < sizeof(*value))
		return false;

	const uint8_t *octets = advance(rest, sizeof(*value));

	*value = (uint32_t)u16_at(octets) << 16 | u16_at(octets + 2);
	return true;
}

enum mqtt_varint mqtt_reader_varint(struct slice *rest, uint32_t *value)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < VARINT_OCTETS; i++) {
		if (i == rest->len)
			return MQTT_VARINT_SHORT;

		uint8_t octet = rest->data[i];

		sum |= (octet & ~VARINT_MORE) << (7 * i);
		if (octet & VARINT_MORE)
			continue;
		if (octet == 0 && i > 0)
			return MQTT_VARINT_MALFORMED;
		(void)advance(rest, i + 1);
		*value = sum;
		return MQTT_VARINT_OK;
	}
	return MQTT_VARINT_MALFORMED;
}

/* The octets of a binary in front of `rest`, its length included; or 0. */
static size_t measure_binary(const struct slice *rest)
{
	if (rest->len < BINARY_LENGTH)
		return 0;

	size_t whole = BINARY_LENGTH + (size_t)u16_at(rest->data);

	return whole <= rest->len ? whole : 0;
}

bool mqtt_reader_binary(struct slice *rest, struct slice *binary)
{
	size_t whole = measure_binary(rest);

	if (whole == 0)
		return false;
	binary->data = advance(rest, whole) + BINARY_LENGTH;
	binary->len = whole - BINARY_LENGTH;
	return true;
}

bool mqtt_reader_string(struct slice *rest, struct slice *string)
{
	size_t whole = measure_binary(rest);

	if (whole == 0 ||
	    !mqtt_utf8_is_string((struct slice){ rest->data + BINARY_LENGTH,
	                                         whole - BINARY_LENGTH }))
		return false;
	return mqtt_reader_binary(rest, string);
}

bool mqtt_reader_header(struct slice *rest, uint8_t *first)
{
	struct slice left = *rest;
	uint32_t remaining;
	uint8_t octet;

	if (!mqtt_reader_u8(&left, &octet) ||
	    mqtt_reader_varint(&left, &remaining) != MQTT_VARINT_OK ||
	    remaining != left.len)
		return false;
	*rest = left;
	*first = octet;
	return true;
}
