/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A frame to a page while it is written: memory that grows, with room in front
 * of the text, so that a header can be put there without a copy.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attribute.h"
#include "base/slice.h"

#define JSON_HEADROOM 16 /* free bytes in front of the text */

struct json_text {
	uint8_t *data;   /* the memory: NULL, or headroom first */
	size_t len;      /* of the text, which begins at data + headroom */
	size_t size;     /* of the memory */
	size_t headroom; /* JSON_HEADROOM */
};

void json_text_init(struct json_text *text);
void json_text_finish(struct json_text *text);

/* Forgets the text, and keeps the memory unless that is much. */
void json_text_clear(struct json_text *text);

/* False: no memory, and the text is as it was. */
MUST_CHECK bool json_text_add(struct json_text *text, struct slice bytes);

/* Adds `len` octets that the caller is to write there; NULL: no memory. */
MUST_CHECK uint8_t *json_text_extend(struct json_text *text, size_t len);

/* The text so far; good until `text` is written to again. */
struct slice json_text_written(const struct json_text *text);
