/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answers in plain HTTP: refusals of handshakes and the admin pages. Each
 * ends its connection [RFC 9112].
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/close.h"

struct lws;

/*
 * Refuses with the status of `reason` and its constant line; who may come
 * again later is told when: not before `retry_ms`, and not all at once. The
 * answer of the callback of lws is -1 after this.
 */
void http_refuse(struct lws *wsi, enum close_reason reason, uint64_t retry_ms);

#define HTTP_TEXT "text/plain; charset=utf-8"
#define HTTP_METRICS "text/plain; version=0.0.4; charset=utf-8"

struct http_page {
	unsigned status; /* 200, 404 or 503 */
	const char *type;
	char *text; /* owned by whoever asked; NULL: the line of the status */
};

/* Answers with a page, which is borrowed. */
void http_answer(struct lws *wsi, const struct http_page *page);
