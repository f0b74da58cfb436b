/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Takes the fields of a frame out of its document, each as what it must be.
 *
 * What takes a field gives false when the frame is to be refused, with the
 * reason in `error`. A field that is not there is fine and leaves what it
 * would set as it was.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attribute.h"
#include "base/slice.h"
#include "json/document.h"

struct json_reader {
	struct json_document *document;
	size_t object; /* whose fields are taken: its index */
	struct json_error error;
	bool is_out_of_memory; /* no refusal, though false was given */
};

/* Always false. */
bool json_reader_refuse(struct json_reader *reader, uint8_t code,
                        const char *message);

/* The same: `field` is not what it must be. */
bool json_reader_wrong(struct json_reader *reader, enum json_field field);

/* NULL: the field is not there. */
struct json_value *json_reader_find(const struct json_reader *reader,
                                    enum json_field field);

/* Unescapes the string over itself, which can be done once. */
struct slice json_reader_unescape(struct json_value *string);

/* The text between the quotes of a value that is known to be a string. */
MUST_CHECK bool json_reader_string(struct json_reader *reader,
                                   enum json_field field, struct slice *string);

MUST_CHECK bool json_reader_boolean(struct json_reader *reader,
                                    enum json_field field, bool *value);

/* `is_there`, which may be NULL, becomes true when the field is there. */
MUST_CHECK bool json_reader_integer(struct json_reader *reader,
                                    enum json_field field, uint32_t least,
                                    uint32_t most, uint32_t *value,
                                    bool *is_there);

MUST_CHECK bool json_reader_qos(struct json_reader *reader, uint8_t *qos);
