/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads a frame from a page: one JSON object that asks for one thing.
 *
 * A payload that is no string is never converted: it is the very bytes that
 * stand in the frame. Strict: what is no JSON [RFC 8259], is nested too deep or
 * has a key twice in one object is no frame at all; what is JSON but asks for
 * nothing that can be done is refused with an answer. Takes time in proportion
 * to the length of the frame, and a few times its memory. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attribute.h"
#include "base/slice.h"
#include "json/error.h"
#include "json/payload.h"
#include "json/properties.h"

#define JSON_DEPTH 16      /* the frame's own object is the first */
#define JSON_ID_BYTES 64   /* longest id, as JSON text */
#define JSON_TOPICS_MAX 64 /* in one subscribe or unsubscribe */
#define JSON_TIMEOUT_MS 5000
#define JSON_TIMEOUT_MS_MAX 300000

enum json_request_type {
	JSON_REQUEST_NONE = 0, /* refused before it was known */
	JSON_REQUEST_SUBSCRIBE,
	JSON_REQUEST_UNSUBSCRIBE,
	JSON_REQUEST_PUBLISH,
	JSON_REQUEST_REQUEST,
	JSON_REQUEST_AUTH,
	JSON_REQUEST_PING,
};

struct json_topic {
	struct slice topic; /* a valid filter */
	uint8_t qos;
	enum json_form as;
	uint32_t interval_ms; /* least time between messages; 0: none */
};

/* What a frame says; what its type does not know is zero. */
struct json_request {
	enum json_request_type type;
	struct slice id;           /* its very JSON text; empty: none usable */
	struct json_topic *topics; /* of subscribe and unsubscribe */
	size_t topic_count;        /* 1 to JSON_TOPICS_MAX */
	struct slice topic;        /* of publish and request: a valid name */
	struct slice payload;
	uint8_t qos;
	bool is_retained;
	uint32_t timeout_ms; /* of request */
	struct json_properties properties;
	struct slice token;      /* of auth */
	struct json_error error; /* of what was refused */
	uint8_t *memory;         /* what all slices point into */
};

enum json_read {
	JSON_READ_FINE = 0,
	JSON_READ_REFUSED,   /* answer with `error`, to `id` if there is one */
	JSON_READ_MALFORMED, /* no frame: close */
	JSON_READ_BAD_UTF8,  /* not even text: close */
	JSON_READ_MEMORY,    /* nothing was read */
};

/*
 * `text` is not needed any more afterwards. Whatever the answer, `request` is
 * to be finished; it is zero when neither fine nor refused, and of a refused
 * one only type, id and error are of use.
 */
MUST_CHECK enum json_read json_request_read(struct slice text,
                                            struct json_request *request);

/* Gives back its memory; more than once does no harm. */
void json_request_finish(struct json_request *request);
