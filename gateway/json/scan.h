/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Goes through a JSON text once and tells where in it everything stands.
 *
 * Strict [RFC 8259]: one value, nothing after it, no BOM, no comment. Keeps
 * nothing and converts nothing: numbers and strings are told as their text.
 * No recursion, however deep the text is.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attribute.h"
#include "base/slice.h"

#define JSON_SCAN_DEPTH_MAX 1024

enum json_kind {
	JSON_NULL = 0,
	JSON_BOOLEAN,
	JSON_NUMBER,
	JSON_STRING,
	JSON_OBJECT,
	JSON_ARRAY,
};

/*
 * What is told, in the order of the text, with the `owner` that json_scan was
 * given; false stops. `text` is a part of the scanned text: of a key or a
 * string with its quotes, of an object or array that begins its first octet.
 */
struct json_scan_events {
	bool (*on_key)(void *owner, struct slice text);
	bool (*on_value)(void *owner, enum json_kind kind, struct slice text);
	/* After the value of an object or array: `end` is behind it. */
	bool (*on_end)(void *owner, const uint8_t *end);
};

enum json_scan {
	JSON_SCAN_FINE = 0,
	JSON_SCAN_MALFORMED, /* no JSON, or too deep */
	JSON_SCAN_STOPPED,
	JSON_SCAN_MEMORY,
};

/*
 * `text` is well-formed UTF-8, `depth` how many objects and arrays may stand
 * in each other, JSON_SCAN_DEPTH_MAX at most. `events` is NULL: only looks.
 */
MUST_CHECK enum json_scan json_scan(struct slice text, size_t depth,
                                    const struct json_scan_events *events,
                                    void *owner);
