/* SPDX-License-Identifier: Apache-2.0 */
#include "frame.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct json_request request;

const struct json_request *frame_octets(enum json_read expected,
                                        struct slice octets)
{
	uint8_t *copy = malloc(octets.len > 0 ? octets.len : 1);
	enum json_read answer;

	assert_non_null(copy);
	if (octets.len > 0)
		memcpy(copy, octets.data, octets.len);
	json_request_finish(&request);
	answer =
	    json_request_read((struct slice){ copy, octets.len }, &request);
	free(copy);
	if (answer != expected)
		print_error("%.*s: %s\n",
		            octets.len < 200 ? (int)octets.len : 200,
		            (const char *)octets.data,
		            answer == JSON_READ_REFUSED ? request.error.message
		                                        : "not refused");
	assert_int_equal(answer, expected);
	if (answer != JSON_READ_FINE && answer != JSON_READ_REFUSED) {
		static const struct json_request zero;

		assert_memory_equal(&request, &zero, sizeof(zero));
	}
	return &request;
}

const struct json_request *frame_read(enum json_read expected, const char *text)
{
	return frame_octets(expected, slice_from_text(text));
}

const struct json_request *frame_fine(const char *text)
{
	return frame_read(JSON_READ_FINE, text);
}

void frame_refused(uint8_t code, const char *id, const char *text)
{
	frame_read(JSON_READ_REFUSED, text);
	if (request.error.code != code)
		print_error("%s: %s\n", text, request.error.message);
	assert_int_equal(request.error.code, code);
	assert_string_equal(request.error.name, json_error_name(code));
	assert_true(strlen(request.error.message) > 0);
	assert_false(request.error.is_temporary);
	assert_slice(request.id, id);
}

void frame_malformed(const char *text)
{
	frame_read(JSON_READ_MALFORMED, text);
}

int frame_teardown(void **state)
{
	(void)state;
	json_request_finish(&request);
	json_request_finish(&request);
	return 0;
}

void assert_octets(struct slice slice, const void *octets, size_t len)
{
	if (slice.len != len || (len > 0 && memcmp(slice.data, octets, len)))
		print_error("\"%.*s\" is not \"%.*s\"\n",
		            slice.len < 200 ? (int)slice.len : 200,
		            (const char *)slice.data,
		            len < 200 ? (int)len : 200, (const char *)octets);
	assert_int_equal(slice.len, len);
	if (len > 0)
		assert_memory_equal(slice.data, octets, len);
}

void assert_slice(struct slice slice, const char *text)
{
	assert_octets(slice, text, strlen(text));
}

char *repeat(const char *text, size_t times)
{
	size_t len = strlen(text);
	char *all = malloc(len * times + 1);

	assert_non_null(all);
	for (size_t i = 0; i < times; i++)
		memcpy(all + i * len, text, len);
	all[len * times] = '\0';
	return all;
}

char *compose(const char *before, const char *part, const char *after)
{
	size_t size = strlen(before) + strlen(part) + strlen(after) + 1;
	char *all = malloc(size);

	assert_non_null(all);
	(void)snprintf(all, size, "%s%s%s", before, part, after);
	return all;
}
