/* SPDX-License-Identifier: Apache-2.0 */
#include "json/base64.h"

#define GROUP_OCTETS 3
#define GROUP_CHARACTERS 4
#define BITS 6 /* of a character */
#define MASK 0x3fu
#define PAD '='
#define NO_VALUE 64u

static const char alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

size_t json_base64_length(size_t len)
{
	return (len / GROUP_OCTETS + (len % GROUP_OCTETS > 0)) *
	       GROUP_CHARACTERS;
}

void json_base64_write(uint8_t *place, struct slice bytes)
{
	while (bytes.len > 0) {
		size_t count =
		    bytes.len < GROUP_OCTETS ? bytes.len : GROUP_OCTETS;
		struct slice group = slice_take(&bytes, count);
		uint32_t bits = 0;

		for (size_t i = 0; i < GROUP_OCTETS; i++)
			bits = bits << 8 | (i < count ? group.data[i] : 0u);
		for (size_t i = 0; i < GROUP_CHARACTERS; i++) {
			unsigned shift =
			    BITS * (unsigned)(GROUP_CHARACTERS - 1 - i);

			*place++ = i <= count
			               ? (uint8_t)alphabet[bits >> shift & MASK]
			               : (uint8_t)PAD;
		}
	}
}

static uint32_t value_of(uint8_t character)
{
	if (character >= 'A' && character <= 'Z')
		return (uint32_t)character - 'A';
	if (character >= 'a' && character <= 'z')
		return (uint32_t)character - 'a' + 26;
	if (character >= '0' && character <= '9')
		return (uint32_t)character - '0' + 52;
	if (character == '+')
		return 62;
	return character == '/' ? 63 : NO_VALUE;
}

/* Writes `count` octets of a group; the bits after them must be 0. */
static bool read_group(const uint8_t *text, uint8_t *place, size_t count)
{
	uint8_t octets[GROUP_OCTETS];
	uint32_t bits = 0;

	for (size_t i = 0; i < GROUP_CHARACTERS; i++) {
		uint32_t value = i <= count ? value_of(text[i]) : 0;

		if (value == NO_VALUE)
			return false;
		bits = bits << BITS | value;
	}
	octets[0] = (uint8_t)(bits >> 16);
	octets[1] = (uint8_t)(bits >> 8);
	octets[2] = (uint8_t)bits;
	for (size_t i = 0; i < GROUP_OCTETS; i++) {
		if (i < count)
			place[i] = octets[i];
		else if (octets[i] != 0)
			return false;
	}
	return true;
}

bool json_base64_read(uint8_t *text, size_t text_len, size_t *len)
{
	size_t padding = 0, written = 0;

	if (text_len % GROUP_CHARACTERS != 0)
		return false;
	while (padding < 2 && padding < text_len &&
	       text[text_len - 1 - padding] == PAD)
		padding++;
	for (size_t at = 0; at < text_len; at += GROUP_CHARACTERS) {
		bool is_last = at + GROUP_CHARACTERS == text_len;
		size_t count = GROUP_OCTETS - (is_last ? padding : 0);

		if (!read_group(text + at, text + written, count))
			return false;
		written += count;
	}
	*len = written;
	return true;
}
