/* SPDX-License-Identifier: Apache-2.0 */
#include "mqtt/utf8.h"

#include <stddef.h>
#include <stdint.h>

#define FIRST_PRINTABLE 0x20
#define ASCII_DELETE 0x7f

/* Characters whose first octet tells how many continuations follow. */
struct form {
	uint8_t mask;    /* of the first octet */
	uint8_t mark;    /* what the masked octet then is */
	uint8_t more;    /* continuation octets */
	uint32_t lowest; /* code point; anything below is overlong */
};

static const struct form forms[] = {
	{ 0x80, 0x00, 0, 0x0 },
	{ 0xe0, 0xc0, 1, 0x80 },
	{ 0xf0, 0xe0, 2, 0x800 },
	{ 0xf8, 0xf0, 3, 0x10000 },
};

static const struct form *find_form(uint8_t first)
{
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		if ((first & forms[i].mask) == forms[i].mark)
			return &forms[i];
	}
	return NULL;
}

static bool is_surrogate(uint32_t point)
{
	return point >= 0xd800 && point <= 0xdfff;
}

/* Moves `text` past one well-formed character. */
static bool take_point(struct slice *text, uint32_t *point)
{
	const struct form *form = find_form(text->data[0]);

	if (form == NULL || text->len <= form->more)
		return false;

	struct slice octets = slice_take(text, (size_t)form->more + 1);
	uint32_t sum = octets.data[0] & (uint8_t)~form->mask;

	for (size_t i = 1; i < octets.len; i++) {
		if ((octets.data[i] & 0xc0) != 0x80)
			return false;
		sum = sum << 6 | (octets.data[i] & 0x3f);
	}
	*point = sum;
	return sum >= form->lowest && sum <= 0x10ffff && !is_surrogate(sum);
}

/* Most strings are nothing else: these need no point made of them. */
static void skip_printable_ascii(struct slice *text)
{
	size_t len = 0;

	while (len < text->len && text->data[len] >= FIRST_PRINTABLE &&
	       text->data[len] < ASCII_DELETE)
		len++;
	(void)slice_take(text, len);
}

static bool is_control(uint32_t point)
{
	return point < FIRST_PRINTABLE ||
	       (point >= ASCII_DELETE && point <= 0x9f);
}

static bool is_noncharacter(uint32_t point)
{
	return (point >= 0xfdd0 && point <= 0xfdef) ||
	       (point & 0xfffe) == 0xfffe;
}

bool mqtt_utf8_is_string(struct slice text)
{
	uint32_t point;

	for (skip_printable_ascii(&text); text.len > 0;
	     skip_printable_ascii(&text)) {
		if (!take_point(&text, &point) || is_control(point) ||
		    is_noncharacter(point))
			return false;
	}
	return true;
}

bool mqtt_utf8_is_well_formed(struct slice text)
{
	uint32_t point;

	for (skip_printable_ascii(&text); text.len > 0;
	     skip_printable_ascii(&text)) {
		if (!take_point(&text, &point))
			return false;
	}
	return true;
}
