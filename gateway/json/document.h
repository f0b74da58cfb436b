/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A frame from a page, checked as JSON, with the values in it that a request
 * can be made of.
 *
 * They are a flat list in the order of the text. Not in it: what is inside a
 * payload, fields that no frame knows, and more than anybody can ask for.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attribute.h"
#include "base/slice.h"
#include "json/field.h"
#include "json/request.h"
#include "json/scan.h"

#define JSON_DOCUMENT_VALUES 1024 /* in one frame */

struct json_value {
	enum json_kind kind;
	enum json_field field; /* of which it is the value */
	struct slice key;      /* of a user property: unescaped */
	uint8_t *text;         /* a string with its quotes and escapes */
	size_t len;
	size_t parent; /* index of the object or array that it is in */
	size_t end;    /* index behind the last one that is in it */
};

struct json_document {
	uint8_t *memory; /* the whole text; unescaped piece by piece */
	struct json_value *values; /* the first one is the whole */
	size_t count;
	size_t size;
	bool has_lone_surrogate; /* in some string */
	bool is_overfull;        /* has values that are not in the list */
};

/* Never refuses. Whatever the answer, `document` is to be finished. */
MUST_CHECK enum json_read json_document_read(struct slice text,
                                             struct json_document *document);

void json_document_finish(struct json_document *document);

/* The value of a field of the object at index `object`; NULL: none. */
struct json_value *json_document_find(const struct json_document *document,
                                      size_t object, enum json_field field);

/* The first index from `at` on of a value right in `parent`; else its end. */
size_t json_document_next(const struct json_document *document, size_t parent,
                          size_t at);
