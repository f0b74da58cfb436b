/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fields of a frame from a page: their names, and what each must be.
 */
#pragma once

#include "base/slice.h"

enum json_field {
	JSON_FIELD_OTHER = 0, /* one that no frame knows */
	JSON_FIELD_TYPE,
	JSON_FIELD_ID,
	JSON_FIELD_TOPIC,
	JSON_FIELD_TOPICS,
	JSON_FIELD_QOS,
	JSON_FIELD_AS,
	JSON_FIELD_MAX_RATE,
	JSON_FIELD_PAYLOAD,
	JSON_FIELD_PAYLOAD_ENCODING,
	JSON_FIELD_RETAIN,
	JSON_FIELD_TIMEOUT_MS,
	JSON_FIELD_TOKEN,
	JSON_FIELD_PROPERTIES,
	JSON_FIELD_CONTENT_TYPE,
	JSON_FIELD_RESPONSE_TOPIC,
	JSON_FIELD_CORRELATION_DATA,
	JSON_FIELD_CORRELATION_DATA_ENCODING,
	JSON_FIELD_EXPIRY,
	JSON_FIELD_FORMAT,
	JSON_FIELD_USER_PROPERTIES,
};

enum json_field json_field_find(struct slice name);

/* Its name; NULL: of no field. */
const char *json_field_name(enum json_field field);

/* What it must be, as a sentence for the page. */
const char *json_field_rule(enum json_field field);
