/* SPDX-License-Identifier: Apache-2.0 */
#include "mqtt/reader.h"

#include "mqtt/utf8.h"

#define VARINT_OCTETS 4
#define VARINT_MORE 0x80u /* another octet follows */

bool mqtt_reader_bytes(struct slice *rest, size_t len, struct slice *bytes)
{
	if (len > rest->len)
		return false;
	*bytes = slice_take(rest, len);
	return true;
}

bool mqtt_reader_u8(struct slice *rest, uint8_t *value)
{
	struct slice octet;

	if (!mqtt_reader_bytes(rest, sizeof(*value), &octet))
		return false;
	*value = octet.data[0];
	return true;
}

bool mqtt_reader_u16(struct slice *rest, uint16_t *value)
{
	struct slice octets;

	if (!mqtt_reader_bytes(rest, sizeof(*value), &octets))
		return false;
	*value = (uint16_t)(octets.data[0] << 8 | octets.data[1]);
	return true;
}

bool mqtt_reader_u32(struct slice *rest, uint32_t *value)
{
	struct slice octets;

	if (!mqtt_reader_bytes(rest, sizeof(*value), &octets))
		return false;
	*value = (uint32_t)octets.data[0] << 24 |
	         (uint32_t)octets.data[1] << 16 |
	         (uint32_t)octets.data[2] << 8 | octets.data[3];
	return true;
}

enum mqtt_varint mqtt_reader_varint(struct slice *rest, uint32_t *value)
{
	struct slice left = *rest;
	uint32_t sum = 0;
	uint8_t octet;

	for (unsigned i = 0; i < VARINT_OCTETS; i++) {
		if (!mqtt_reader_u8(&left, &octet))
			return MQTT_VARINT_SHORT;
		sum |= (octet & ~VARINT_MORE) << (7 * i);
		if (octet & VARINT_MORE)
			continue;
		if (octet == 0 && i > 0)
			return MQTT_VARINT_MALFORMED;
		*rest = left;
		*value = sum;
		return MQTT_VARINT_OK;
	}
	return MQTT_VARINT_MALFORMED;
}

bool mqtt_reader_binary(struct slice *rest, struct slice *binary)
{
	struct slice left = *rest;
	uint16_t len;

	if (!mqtt_reader_u16(&left, &len) ||
	    !mqtt_reader_bytes(&left, len, binary))
		return false;
	*rest = left;
	return true;
}

bool mqtt_reader_string(struct slice *rest, struct slice *string)
{
	struct slice left = *rest;
	struct slice read;

	if (!mqtt_reader_binary(&left, &read) || !mqtt_utf8_is_string(read))
		return false;
	*rest = left;
	*string = read;
	return true;
}
