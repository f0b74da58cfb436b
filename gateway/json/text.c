/* SPDX-License-Identifier: Apache-2.0 */
#include "json/text.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_BYTES 256     /* most frames are no longer */
#define KEPT_BYTES 1048576u /* more was for one large frame */

void json_text_init(struct json_text *text)
{
	*text = (struct json_text){ .headroom = JSON_HEADROOM };
}

void json_text_finish(struct json_text *text)
{
	free(text->data);
	json_text_init(text);
}

void json_text_clear(struct json_text *text)
{
	if (text->size > KEPT_BYTES)
		json_text_finish(text);
	text->len = 0;
}

uint8_t *json_text_extend(struct json_text *text, size_t len)
{
	size_t used = text->headroom + text->len;
	size_t size = text->size > 0 ? text->size : FIRST_BYTES;

	if (len > SIZE_MAX / 2 - used)
		return NULL;
	while (size - used < len)
		size *= 2;
	if (size > text->size) {
		uint8_t *grown = realloc(text->data, size);

		if (!grown)
			return NULL;
		text->data = grown;
		text->size = size;
	}
	text->len += len;
	return text->data + used;
}

bool json_text_add(struct json_text *text, struct slice bytes)
{
	uint8_t *place = json_text_extend(text, bytes.len);

	if (place && bytes.len > 0)
		memcpy(place, bytes.data, bytes.len);
	return place != NULL;
}

struct slice json_text_written(const struct json_text *text)
{
	if (!text->data)
		return (struct slice){ NULL, 0 };
	return (struct slice){ text->data + text->headroom, text->len };
}
