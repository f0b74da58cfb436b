/* SPDX-License-Identifier: Apache-2.0 */
#include "judge_script.h"

#include "mqtt/reader.h"

#define WHOLE 15 /* the upper bits of the octet: all of it, or of more */

/* As far as its first octets tell; all there is when they tell nothing. */
static size_t measure(struct slice rest)
{
	struct slice left = rest;
	uint32_t remaining;
	uint8_t first;

	if (!mqtt_reader_u8(&left, &first) ||
	    mqtt_reader_varint(&left, &remaining) != MQTT_VARINT_OK ||
	    remaining > left.len)
		return rest.len;
	return rest.len - left.len + remaining;
}

bool script_next(struct script *script, struct piece *piece)
{
	struct slice *rest = &script->rest;
	unsigned how, much;

	if (rest->len < 2)
		return false;
	how = slice_take(rest, 1).data[0];
	much = how >> 2;
	piece->from = how & 2 ? MQTT_SENDER_CLIENT : MQTT_SENDER_SERVER;
	piece->octets = (struct slice){ rest->data, 0 };

	size_t *left = &script->left[piece->from];

	for (unsigned i = much < WHOLE ? WHOLE : much;
	     rest->len > 0 && i >= WHOLE; i--) {
		size_t len = *left > 0 ? *left : measure(*rest);

		*left = len;
		if (much < WHOLE && len > much + 1)
			len = much + 1;
		if (len > rest->len)
			len = rest->len;
		*left -= len;
		piece->octets.len += slice_take(rest, len).len;
	}
	return true;
}
