/* SPDX-License-Identifier: Apache-2.0 */
#include "doctor/response.h"

#include <string.h>

#include "policy/ascii.h"
#include "policy/header.h"

#define VERSION "HTTP/1."
#define STATUS_AT 9 /* behind the version, its digit and a blank */
#define STATUS_DIGITS 3
#define HEADER_END "\r\n\r\n"
#define LINE_END "\r\n"
#define BODY_DIGITS 9

static bool read_status(struct slice line, unsigned *status)
{
	unsigned value = 0;

	if (line.len < STATUS_AT + STATUS_DIGITS)
		return false;
	for (size_t i = 0; i < STATUS_DIGITS; i++) {
		uint8_t digit = line.data[STATUS_AT + i];

		if (!ascii_is_digit(digit))
			return false;
		value = value * 10 + (unsigned)(digit - '0');
	}
	*status = value;
	return true;
}

enum response_read response_read(struct slice text, struct response *response)
{
	size_t len = strlen(VERSION);
	size_t seen = text.len < len ? text.len : len;
	const uint8_t *end;

	if (seen > 0 && memcmp(text.data, VERSION, seen) != 0)
		return RESPONSE_NOT_HTTP;
	if (seen < len)
		return RESPONSE_MORE;
	end = memmem(text.data, text.len, HEADER_END, strlen(HEADER_END));
	if (!end)
		return RESPONSE_MORE;

	struct slice head =
	    slice_take(&text, (size_t)(end - text.data) + strlen(LINE_END));
	const uint8_t *line = memmem(head.data, head.len, LINE_END, 2);
	struct slice status = slice_take(&head, (size_t)(line - head.data));

	if (!read_status(status, &response->status))
		return RESPONSE_NOT_HTTP;
	slice_take(&head, strlen(LINE_END));
	slice_take(&text, strlen(LINE_END));
	response->fields = head;
	response->rest = text;
	return RESPONSE_WHOLE;
}

/* Takes the first line off `lines`, without its end. */
static struct slice take_line(struct slice *lines)
{
	const uint8_t *end = memmem(lines->data, lines->len, LINE_END, 2);
	struct slice line = slice_take(lines, (size_t)(end - lines->data));

	slice_take(lines, strlen(LINE_END));
	return line;
}

bool response_field(const struct response *response, const char *name,
                    struct slice *value)
{
	struct slice lines = response->fields;

	while (lines.len > 0) {
		struct slice line = take_line(&lines);
		const uint8_t *colon = memchr(line.data, ':', line.len);

		if (!colon)
			continue;

		size_t len = (size_t)(colon - line.data);

		if (!ascii_same(slice_take(&line, len), slice_from_text(name)))
			continue;
		slice_take(&line, 1);
		*value = header_trim(line);
		return true;
	}
	return false;
}

bool response_body_len(const struct response *response, size_t *len)
{
	struct slice value;
	size_t read = 0;

	if (!response_field(response, "Content-Length", &value) ||
	    value.len == 0 || value.len > BODY_DIGITS)
		return false;
	for (size_t i = 0; i < value.len; i++) {
		if (!ascii_is_digit(value.data[i]))
			return false;
		read = read * 10 + (size_t)(value.data[i] - '0');
	}
	*len = read;
	return true;
}
