/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How the payload of a message stands in a frame to a page, and whether it is
 * JSON itself.
 */
#pragma once

#include <stdbool.h>

#include "base/attribute.h"
#include "base/slice.h"

#define JSON_PAYLOAD_DEPTH 1024 /* deepest that is taken for JSON */

struct json_text;
struct json_writer;

enum json_form {
	JSON_FORM_AUTO = 0, /* a string if UTF-8, else base64 */
	JSON_FORM_JSON,     /* its very bytes if a JSON value, else as AUTO */
	JSON_FORM_BASE64,
};

/*
 * Whether `payload` is one JSON value, with or without white space around it
 * [RFC 8259]: UTF-8, no BOM, nothing after it, not too deep. Keys may come
 * twice. False too when there is no memory to look.
 */
bool json_is_value(struct slice payload);

/*
 * Makes `text` an object {"message":PAYLOAD} with the payload as a string;
 * the payload must be well-formed UTF-8. False: no memory.
 */
MUST_CHECK bool json_wrap_text(struct json_text *text, struct slice payload);

/* Writes `payload`, and `payload_encoding` where it is not plain. */
void json_payload_write(struct json_writer *writer, struct slice payload,
                        enum json_form form);
