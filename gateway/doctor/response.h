/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The head of an answer of HTTP [RFC 9112], and what of its body has come.
 * Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/attribute.h"
#include "base/slice.h"

struct response {
	unsigned status;
	struct slice fields; /* the lines of the header */
	struct slice rest;   /* what came behind the header */
};

enum response_read {
	RESPONSE_MORE = 0, /* the header is not whole yet */
	RESPONSE_WHOLE,
	RESPONSE_NOT_HTTP,
};

/* Reads from the start of `text`, into which the slices point. */
MUST_CHECK enum response_read response_read(struct slice text,
                                            struct response *response);

/* The first field of that name, trimmed; false: there is none. */
MUST_CHECK bool response_field(const struct response *response,
                               const char *name, struct slice *value);

/* How long the body is said to be; false: it ends with the connection. */
MUST_CHECK bool response_body_len(const struct response *response, size_t *len);
