/* SPDX-License-Identifier: Apache-2.0 */
#include "json/string.h"

#include <string.h>

#define ESCAPE '\\'
#define DIGITS 4 /* of \uXXXX */
#define ESCAPE_BYTES (2 + DIGITS)

#define SURROGATE_HIGH 0xd800u
#define SURROGATE_LOW 0xdc00u
#define SURROGATE_MASK 0xfc00u
#define SURROGATE_BITS 10
#define SURROGATE_BASE 0x10000u

static uint32_t digit(uint8_t octet)
{
	if (octet <= '9')
		return (uint32_t)octet - '0';
	return ((uint32_t)octet | 0x20u) - 'a' + 10;
}

/* The code unit of an escape of \u; false: there is none here. */
static bool find_unit(struct slice rest, uint32_t *unit)
{
	uint32_t sum = 0;

	if (rest.len < ESCAPE_BYTES || rest.data[0] != ESCAPE ||
	    rest.data[1] != 'u')
		return false;
	for (size_t i = 2; i < ESCAPE_BYTES; i++)
		sum = sum << 4 | digit(rest.data[i]);
	*unit = sum;
	return true;
}

/* Takes one escape or two; false: a surrogate that is alone. */
static bool take_unicode(struct slice *rest, uint32_t *point)
{
	uint32_t high, low;

	if (!find_unit(*rest, &high))
		return false;
	(void)slice_take(rest, ESCAPE_BYTES);
	*point = high;
	if ((high & SURROGATE_MASK) == SURROGATE_LOW)
		return false;
	if ((high & SURROGATE_MASK) != SURROGATE_HIGH)
		return true;
	if (!find_unit(*rest, &low) || (low & SURROGATE_MASK) != SURROGATE_LOW)
		return false;
	(void)slice_take(rest, ESCAPE_BYTES);
	*point = ((high & ~SURROGATE_MASK) << SURROGATE_BITS |
	          (low & ~SURROGATE_MASK)) +
	         SURROGATE_BASE;
	return true;
}

/* What \b and so on stand for; other octets for themselves. */
static uint32_t short_escape(uint8_t octet)
{
	switch (octet) {
	case 'b':
		return '\b';
	case 'f':
		return '\f';
	case 'n':
		return '\n';
	case 'r':
		return '\r';
	case 't':
		return '\t';
	default:
		return octet;
	}
}

static bool take_escape(struct slice *rest, uint32_t *point)
{
	if (rest->len < 2)
		return false;
	if (rest->data[1] == 'u')
		return take_unicode(rest, point);
	*point = short_escape(rest->data[1]);
	(void)slice_take(rest, 2);
	return true;
}

/* Takes what stands before the next escape. */
static struct slice take_plain(struct slice *rest)
{
	const uint8_t *next =
	    rest->len > 0 ? memchr(rest->data, ESCAPE, rest->len) : NULL;

	return slice_take(rest, next ? (size_t)(next - rest->data) : rest->len);
}

bool json_string_is_whole(struct slice string)
{
	uint32_t point;

	for (;;) {
		(void)take_plain(&string);
		if (string.len == 0)
			return true;
		if (!take_escape(&string, &point))
			return false;
	}
}

/* [RFC 3629 3] */
static size_t put_point(uint8_t *place, uint32_t point)
{
	if (point < 0x80) {
		place[0] = (uint8_t)point;
		return 1;
	}
	if (point < 0x800) {
		place[0] = (uint8_t)(0xc0 | point >> 6);
		place[1] = (uint8_t)(0x80 | (point & 0x3f));
		return 2;
	}
	if (point < 0x10000) {
		place[0] = (uint8_t)(0xe0 | point >> 12);
		place[1] = (uint8_t)(0x80 | (point >> 6 & 0x3f));
		place[2] = (uint8_t)(0x80 | (point & 0x3f));
		return 3;
	}
	place[0] = (uint8_t)(0xf0 | point >> 18);
	place[1] = (uint8_t)(0x80 | (point >> 12 & 0x3f));
	place[2] = (uint8_t)(0x80 | (point >> 6 & 0x3f));
	place[3] = (uint8_t)(0x80 | (point & 0x3f));
	return 4;
}

size_t json_string_unescape(uint8_t *string, size_t len)
{
	struct slice rest = { string, len };
	size_t written = 0;
	uint32_t point;

	for (;;) {
		struct slice plain = take_plain(&rest);

		if (plain.len > 0 && plain.data != string + written)
			memmove(string + written, plain.data, plain.len);
		written += plain.len;
		if (rest.len == 0 || !take_escape(&rest, &point))
			return written;
		written += put_point(string + written, point);
	}
}
