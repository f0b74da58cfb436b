/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the room does when the n-th piece of memory is not there, for each n.
 * The linker has its calls of malloc and so on come here.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "json/answer.h"
#include "json/request.h"
#include "json/text.h"

#include "frame.h"

#define NEVER SIZE_MAX

/* Pieces until there is none. To the compiler malloc does not change it. */
static volatile size_t left = NEVER;

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
void *__real_reallocarray(void *memory, size_t count, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);
void *__wrap_reallocarray(void *memory, size_t count, size_t size);

static bool is_there(void)
{
	if (left == NEVER)
		return true;
	if (left == 0) {
		left = NEVER;
		return false;
	}
	left--;
	return true;
}

void *__wrap_malloc(size_t size)
{
	return is_there() ? __real_malloc(size) : NULL;
}

void *__wrap_calloc(size_t count, size_t size)
{
	return is_there() ? __real_calloc(count, size) : NULL;
}

void *__wrap_realloc(void *memory, size_t size)
{
	return is_there() ? __real_realloc(memory, size) : NULL;
}

void *__wrap_reallocarray(void *memory, size_t count, size_t size)
{
	return is_there() ? __real_reallocarray(memory, count, size) : NULL;
}

/* Reads it with ever more memory; gives how many pieces it takes. */
static size_t starve(const char *text, enum json_read expected)
{
	for (size_t n = 0;; n++) {
		struct json_request request;
		enum json_read answer;
		bool is_enough;

		left = n;
		answer = json_request_read(slice_from_text(text), &request);
		is_enough = left != NEVER;
		left = NEVER;
		json_request_finish(&request);
		assert_int_equal(answer,
		                 is_enough ? expected : JSON_READ_MEMORY);
		if (is_enough)
			return n;
	}
}

static void a_request_without_memory_is_no_request(void **state)
{
	char *escapes = repeat("\\n", 2000);
	char *keys = repeat("{\"a\":[{},{\"b\":1,\"c\":", 3);
	char *string = compose("{\"type\":\"publish\",\"topic\":\"a\","
	                       "\"payload\":\"",
	                       escapes, "\"}");

	(void)state;
	assert_true(starve("{\"type\":\"ping\"}", JSON_READ_FINE) >= 3);
	assert_true(starve("{\"type\":\"subscribe\",\"topics\":[\"a\",\"b\"]}",
	                   JSON_READ_FINE) >= 4);
	assert_true(starve("{\"type\":\"publish\",\"topic\":\"a\",\"payload\":1"
	                   ",\"properties\":{\"user_properties\":{\"a\":\"b\""
	                   "}}}",
	                   JSON_READ_FINE) >= 4);
	assert_true(starve("{\"type\":\"x\"}", JSON_READ_REFUSED) >= 3);
	assert_true(starve(string, JSON_READ_FINE) >= 4);
	(void)starve(keys, JSON_READ_MALFORMED);
	free(string);
	free(keys);
	free(escapes);
}

static void a_frame_without_memory_is_not_written(void **state)
{
	struct json_user_property user = { slice_from_text("a"),
		                           slice_from_text("b") };
	char *letters = repeat("\xff", 1000);
	struct json_message message = { .topic = slice_from_text("a"),
		                        .payload = slice_from_text(letters) };
	bool is_done = false;

	(void)state;
	message.properties.user_properties = &user;
	message.properties.user_property_count = 1;
	for (size_t n = 0; !is_done; n++) {
		struct json_text text;
		bool is_enough;

		json_text_init(&text);
		left = n;
		is_done = json_answer_message(&text, &message);
		is_enough = left != NEVER;
		left = NEVER;
		assert_int_equal(is_done, is_enough);
		json_text_finish(&text);
	}
	free(letters);
}

static void a_payload_that_cannot_be_looked_at_is_no_json(void **state)
{
	char *digits = repeat("1", 5000);

	(void)state;
	assert_true(json_is_value(slice_from_text(digits)));
	left = 0;
	assert_false(json_is_value(slice_from_text(digits)));
	left = NEVER;
	free(digits);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_without_memory_is_no_request),
		cmocka_unit_test(a_frame_without_memory_is_not_written),
		cmocka_unit_test(a_payload_that_cannot_be_looked_at_is_no_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
