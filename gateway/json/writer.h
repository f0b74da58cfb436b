/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes one JSON object, field by field, into a text.
 *
 * Want of memory is remembered and told at the end. In an array the name of a
 * field is NULL.
 */
#pragma once

#include <stdalign.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attribute.h"
#include "base/slice.h"
#include "json/arena.h"

#define JSON_WRITER_BYTES 1024 /* what yajl writes with */

struct json_text;
struct yajl_gen_t;

struct json_writer {
	struct json_text *text;
	struct yajl_gen_t *yajl;
	struct json_arena arena;
	bool is_out_of_memory;
	alignas(max_align_t) uint8_t room[JSON_WRITER_BYTES];
};

/* Opens the object, in place of what `text` held. */
void json_writer_begin(struct json_writer *writer, struct json_text *text);

/* Closes it. False: no memory. */
MUST_CHECK bool json_writer_end(struct json_writer *writer);

void json_write_object(struct json_writer *writer, const char *name);
void json_write_object_end(struct json_writer *writer);
void json_write_array(struct json_writer *writer, const char *name);
void json_write_array_end(struct json_writer *writer);

/* The name of the field that comes next, which is then written with NULL. */
void json_write_name(struct json_writer *writer, struct slice name);

/* `string` is well-formed UTF-8. */
void json_write_string(struct json_writer *writer, const char *name,
                       struct slice string);
void json_write_word(struct json_writer *writer, const char *name,
                     const char *word);
void json_write_base64(struct json_writer *writer, const char *name,
                       struct slice bytes);
void json_write_number(struct json_writer *writer, const char *name,
                       uint64_t number);
void json_write_boolean(struct json_writer *writer, const char *name,
                        bool value);

/* `json` is a JSON value and goes out as it is. */
void json_write_raw(struct json_writer *writer, const char *name,
                    struct slice json);
