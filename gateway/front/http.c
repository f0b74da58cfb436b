/* SPDX-License-Identifier: Apache-2.0 */
#include "front/http.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libwebsockets.h>

#define HEAD_BYTES 320
#define RETRY_SPREAD_S                                                         \
	5 /* so that the refused do not all come back at once                  \
	   */

struct http_line {
	unsigned status;
	const char *phrase;
	const char *field; /* an extra header line, or "" */
	const char *body;
};

static const struct http_line lines[] = {
	{ 200, "OK", "", "" },
	{ 400, "Bad Request", "", "Bad request.\n" },
	{ 401, "Unauthorized", "", "Login needed.\n" },
	{ 403, "Forbidden", "", "Forbidden.\n" },
	{ 404, "Not Found", "", "Not found.\n" },
	{ 405, "Method Not Allowed", "Allow: GET\r\n",
	  "Method not allowed.\n" },
	{ 421, "Misdirected Request", "", "This is not that host.\n" },
	{ 426, "Upgrade Required",
	  "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n",
	  "This is a WebSocket endpoint: connect with a WebSocket client.\n" },
	{ 429, "Too Many Requests", "", "Too many requests.\n" },
	{ 503, "Service Unavailable", "", "Try again later.\n" },
};

static const struct http_line *find_status(unsigned status)
{
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
		if (lines[i].status == status)
			return &lines[i];
	}
	return &lines[1];
}

static void write_all(struct lws *wsi, const struct http_line *status,
                      const char *extra, const char *type, const char *body)
{
	size_t len = strlen(body);
	size_t size = LWS_PRE + HEAD_BYTES + len;
	unsigned char *buffer = malloc(size);

	if (!buffer)
		return;
	char *text = (char *)buffer + LWS_PRE;
	int head = snprintf(text, HEAD_BYTES,
	                    "HTTP/1.1 %u %s\r\n"
	                    "Content-Type: %s\r\n"
	                    "Content-Length: %zu\r\n"
	                    "Cache-Control: no-store\r\n"
	                    "X-Content-Type-Options: nosniff\r\n"
	                    "%s%sConnection: close\r\n\r\n",
	                    status->status, status->phrase, type, len,
	                    status->field, extra);

	memcpy(text + head, body, len);
	(void)lws_write(wsi, buffer + LWS_PRE, (size_t)head + len,
	                LWS_WRITE_HTTP);
	free(buffer);
}

/* The longer the queue, the more there are that must not meet again. */
static unsigned draw_retry_s(uint64_t retry_ms)
{
	uint64_t behind_s = retry_ms == 0 ? 1 : (retry_ms + 999) / 1000;

	return (unsigned)(behind_s +
	                  (uint64_t)random() % (RETRY_SPREAD_S * behind_s));
}

void http_refuse(struct lws *wsi, enum close_reason reason, uint64_t retry_ms)
{
	const struct http_line *status =
	    find_status(close_answer(reason)->http);
	char retry[32] = "";

	if (status->status == 429 || status->status == 503)
		snprintf(retry, sizeof retry, "Retry-After: %u\r\n",
		         draw_retry_s(retry_ms));
	write_all(wsi, status, retry, HTTP_TEXT, status->body);
}

void http_answer(struct lws *wsi, const struct http_page *page)
{
	const struct http_line *status = find_status(page->status);

	write_all(wsi, status, "", page->type ? page->type : HTTP_TEXT,
	          page->text ? page->text : status->body);
}
