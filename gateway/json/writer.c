/* SPDX-License-Identifier: Apache-2.0 */
#include "json/writer.h"

#include <inttypes.h>
#include <stdio.h>

#include <yajl/yajl_gen.h>

#include "json/base64.h"
#include "json/text.h"

#define NUMBER_BYTES 24 /* 64 bits in decimal */

static void print(void *owner, const char *octets, size_t len)
{
	struct json_writer *writer = owner;
	struct slice bytes = { (const uint8_t *)octets, len };

	if (!writer->is_out_of_memory && !json_text_add(writer->text, bytes))
		writer->is_out_of_memory = true;
}

void json_writer_begin(struct json_writer *writer, struct json_text *text)
{
	yajl_alloc_funcs functions;

	writer->text = text;
	writer->arena = (struct json_arena){ .memory = writer->room,
		                             .size = sizeof(writer->room) };
	writer->is_out_of_memory = false;
	functions = json_arena_functions(&writer->arena);
	writer->yajl = yajl_gen_alloc(&functions);
	(void)yajl_gen_config(writer->yajl, yajl_gen_print_callback, print,
	                      writer);
	json_text_clear(text);
	json_write_object(writer, NULL);
}

bool json_writer_end(struct json_writer *writer)
{
	json_write_object_end(writer);
	yajl_gen_free(writer->yajl);
	return !writer->is_out_of_memory;
}

static void put(struct json_writer *writer, struct slice string)
{
	(void)yajl_gen_string(writer->yajl, string.data, string.len);
}

static void put_name(struct json_writer *writer, const char *name)
{
	if (name)
		put(writer, slice_from_text(name));
}

void json_write_object(struct json_writer *writer, const char *name)
{
	put_name(writer, name);
	(void)yajl_gen_map_open(writer->yajl);
}

void json_write_object_end(struct json_writer *writer)
{
	(void)yajl_gen_map_close(writer->yajl);
}

void json_write_array(struct json_writer *writer, const char *name)
{
	put_name(writer, name);
	(void)yajl_gen_array_open(writer->yajl);
}

void json_write_array_end(struct json_writer *writer)
{
	(void)yajl_gen_array_close(writer->yajl);
}

void json_write_name(struct json_writer *writer, struct slice name)
{
	put(writer, name);
}

void json_write_string(struct json_writer *writer, const char *name,
                       struct slice string)
{
	put_name(writer, name);
	put(writer, string);
}

void json_write_word(struct json_writer *writer, const char *name,
                     const char *word)
{
	json_write_string(writer, name, slice_from_text(word));
}

/* Of what yajl calls a number it looks at nothing. */
void json_write_raw(struct json_writer *writer, const char *name,
                    struct slice json)
{
	put_name(writer, name);
	(void)yajl_gen_number(writer->yajl, (const char *)json.data, json.len);
}

/* What stands in front of the value is yajl's, the value is put behind it. */
void json_write_base64(struct json_writer *writer, const char *name,
                       struct slice bytes)
{
	size_t len = json_base64_length(bytes.len);
	uint8_t *place;

	json_write_raw(writer, name, slice_from_text("\""));
	place = json_text_extend(writer->text, len);
	if (place)
		json_base64_write(place, bytes);
	else
		writer->is_out_of_memory = true;
	print(writer, "\"", 1);
}

void json_write_number(struct json_writer *writer, const char *name,
                       uint64_t number)
{
	char text[NUMBER_BYTES];

	(void)snprintf(text, sizeof(text), "%" PRIu64, number);
	json_write_raw(writer, name, slice_from_text(text));
}

void json_write_boolean(struct json_writer *writer, const char *name,
                        bool value)
{
	json_write_raw(writer, name, slice_from_text(value ? "true" : "false"));
}
