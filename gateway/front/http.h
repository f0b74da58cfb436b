/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answers in plain HTTP: refusals of handshakes and the admin pages. Each
 * ends its connection [RFC 9112].
 */
#pragma once

#include <stdbool.h>

#include "base/close.h"

struct lws;

/*
 * Refuses with the status of `reason` and its constant line. The answer of
 * the callback of lws is -1 after this.
 */
void http_refuse(struct lws *wsi, enum close_reason reason);

/* Answers with a page of text; `status` is 200, 404 or 503. */
void http_answer(struct lws *wsi, unsigned status, const char *text);
