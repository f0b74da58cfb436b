/* SPDX-License-Identifier: Apache-2.0 */
#include "json/document.h"

#include <stdlib.h>
#include <string.h>

#include "mqtt/utf8.h"
#include "json/keys.h"
#include "json/string.h"

#define FIRST_SIZE 16
#define NOWHERE SIZE_MAX /* index of what is not in the list */

/* An object or array that is open. */
struct level {
	size_t value;     /* its index, or NOWHERE */
	size_t first_key; /* of its keys, among all */
	bool is_object;
};

struct builder {
	struct json_document *document;
	const uint8_t *text; /* that `memory` is a copy of */
	struct json_keys keys;
	struct slice key; /* the latest, in `memory` */
	struct level levels[JSON_DEPTH];
	size_t depth;
	enum json_read fault;
};

static bool fail(struct builder *builder, enum json_read fault)
{
	builder->fault = fault;
	return false;
}

static uint8_t *own(const struct builder *builder, const uint8_t *text)
{
	return builder->document->memory + (text - builder->text);
}

static bool has_escape(struct slice string)
{
	return memchr(string.data, '\\', string.len) != NULL;
}

static bool on_key(void *owner, struct slice text)
{
	struct builder *builder = owner;
	uint8_t *key = own(builder, text.data) + 1;
	size_t len = text.len - 2;

	if (has_escape(text)) {
		if (json_string_is_whole((struct slice){ key, len }))
			len = json_string_unescape(key, len);
		else
			builder->document->has_lone_surrogate = true;
	}
	builder->key = (struct slice){ key, len };
	if (!json_keys_add(
	        &builder->keys,
	        (struct json_key){ (uint32_t)(key - builder->document->memory),
	                           (uint32_t)len }))
		return fail(builder, JSON_READ_MEMORY);
	return true;
}

/* Whether the value after `key` is one for the list; sets its place there. */
static bool is_wanted(const struct builder *builder, struct json_value *value)
{
	const struct json_value *parent;
	const struct level *level;

	if (builder->depth == 0)
		return true;
	level = &builder->levels[builder->depth - 1];
	if (level->value == NOWHERE)
		return false;
	parent = &builder->document->values[level->value];
	value->parent = level->value;
	if (parent->field == JSON_FIELD_PAYLOAD)
		return false;
	if (!level->is_object)
		return true;
	value->key = builder->key;
	if (parent->field == JSON_FIELD_USER_PROPERTIES)
		return true;
	value->field = json_field_find(builder->key);
	return value->field != JSON_FIELD_OTHER;
}

static bool grow(struct json_document *document)
{
	size_t size = document->size > 0 ? document->size * 2 : FIRST_SIZE;
	struct json_value *grown =
	    reallocarray(document->values, size, sizeof(document->values[0]));

	if (!grown)
		return false;
	document->values = grown;
	document->size = size;
	return true;
}

/* Gives its index, or NOWHERE; false: no memory. */
static bool add(struct builder *builder, enum json_kind kind, struct slice text,
                size_t *index)
{
	struct json_document *document = builder->document;
	struct json_value value = { .kind = kind,
		                    .text = own(builder, text.data),
		                    .len = text.len,
		                    .end = document->count + 1 };

	*index = NOWHERE;
	if (!is_wanted(builder, &value))
		return true;
	if (document->count == JSON_DOCUMENT_VALUES) {
		document->is_overfull = true;
		return true;
	}
	if (document->count == document->size && !grow(document))
		return fail(builder, JSON_READ_MEMORY);
	*index = document->count;
	document->values[document->count++] = value;
	return true;
}

static bool on_value(void *owner, enum json_kind kind, struct slice text)
{
	struct builder *builder = owner;
	size_t index;

	if (builder->depth == 0 && kind != JSON_OBJECT)
		return fail(builder, JSON_READ_MALFORMED);
	if (kind == JSON_STRING && has_escape(text) &&
	    !json_string_is_whole(text))
		builder->document->has_lone_surrogate = true;
	if (!add(builder, kind, text, &index))
		return false;
	if (kind == JSON_OBJECT || kind == JSON_ARRAY)
		builder->levels[builder->depth++] =
		    (struct level){ .value = index,
			            .first_key = builder->keys.count,
			            .is_object = kind == JSON_OBJECT };
	return true;
}

static bool on_end(void *owner, const uint8_t *end)
{
	struct builder *builder = owner;
	struct level *level = &builder->levels[--builder->depth];
	struct json_document *document = builder->document;

	if (level->value != NOWHERE) {
		struct json_value *value = &document->values[level->value];

		value->len = (size_t)(own(builder, end) - value->text);
		value->end = document->count;
	}
	if (!json_keys_drop(&builder->keys, level->first_key, document->memory))
		return fail(builder, JSON_READ_MALFORMED);
	return true;
}

static enum json_read build(struct builder *builder, struct slice text)
{
	static const struct json_scan_events events = { on_key, on_value,
		                                        on_end };

	switch (json_scan(text, JSON_DEPTH, &events, builder)) {
	case JSON_SCAN_FINE:
		return JSON_READ_FINE;
	case JSON_SCAN_MALFORMED:
		return JSON_READ_MALFORMED;
	case JSON_SCAN_STOPPED:
		return builder->fault;
	case JSON_SCAN_MEMORY:
		break;
	}
	return JSON_READ_MEMORY;
}

enum json_read json_document_read(struct slice text,
                                  struct json_document *document)
{
	struct builder builder = { .document = document, .text = text.data };
	enum json_read answer;

	*document = (struct json_document){ 0 };
	if (!mqtt_utf8_is_well_formed(text))
		return JSON_READ_BAD_UTF8;
	if (text.len == 0 || text.len > UINT32_MAX)
		return JSON_READ_MALFORMED;
	document->memory = malloc(text.len);
	if (!document->memory)
		return JSON_READ_MEMORY;
	memcpy(document->memory, text.data, text.len);
	answer = build(&builder, text);
	json_keys_finish(&builder.keys);
	return answer;
}

void json_document_finish(struct json_document *document)
{
	free(document->memory);
	free(document->values);
	*document = (struct json_document){ 0 };
}

size_t json_document_next(const struct json_document *document, size_t parent,
                          size_t at)
{
	size_t end = document->values[parent].end;

	while (at < end && document->values[at].parent != parent)
		at = document->values[at].end;
	return at;
}

struct json_value *json_document_find(const struct json_document *document,
                                      size_t object, enum json_field field)
{
	size_t end = document->values[object].end;

	for (size_t at = json_document_next(document, object, object + 1);
	     at < end; at = json_document_next(document, object, at + 1)) {
		if (document->values[at].field == field)
			return &document->values[at];
	}
	return NULL;
}
