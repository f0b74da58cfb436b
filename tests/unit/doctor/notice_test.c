/* SPDX-License-Identifier: Apache-2.0 */
#include "doctor/notice.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static bool read_text(const char *text, struct notice *notice)
{
	return notice_read(slice_from_text(text), notice);
}

static void the_fields_of_a_frame_are_found(void **state)
{
	struct notice notice;

	(void)state;
	assert_true(read_text("{\"type\":\"message\",\"topic\":\"a/b\","
	                      "\"payload\":\"x\\ny\",\"seq\":1}",
	                      &notice));
	assert_true(slice_is(notice.type, "message"));
	assert_true(slice_is(notice.topic, "a/b"));
	assert_true(slice_is(notice.payload, "x\\ny"));
	assert_false(notice.is_success);
}

static void an_error_is_told_from_the_frame_around_it(void **state)
{
	struct notice notice;

	(void)state;
	assert_true(read_text("{\"type\":\"ack\",\"id\":7,\"success\":false,"
	                      "\"error\":{\"code\":135,\"type\":\"no\","
	                      "\"name\":\"not_authorized\","
	                      "\"message\":\"m\"},\"name\":\"outside\"}",
	                      &notice));
	assert_true(slice_is(notice.type, "ack"));
	assert_true(slice_is(notice.id, "7"));
	assert_true(slice_is(notice.error_code, "135"));
	assert_true(slice_is(notice.error_name, "not_authorized"));
	assert_true(slice_is(notice.error_message, "m"));
}

static void what_lies_deeper_is_not_taken_for_the_frame(void **state)
{
	struct notice notice;

	(void)state;
	assert_true(read_text("{\"topics\":[{\"topic\":\"deep\",\"type\":\"x\"}"
	                      "],\"limits\":{\"id\":9},\"success\":true,"
	                      "\"type\":\"ack\",\"id\":1}",
	                      &notice));
	assert_true(slice_is(notice.type, "ack"));
	assert_true(slice_is(notice.id, "1"));
	assert_int_equal(notice.topic.len, 0);
	assert_true(notice.is_success);
}

static void what_is_no_frame_is_refused(void **state)
{
	static const char *const texts[] = {
		"",           "{",        "{}",
		"[]",         "\"a\"",    "{\"type\":\"a\"} ,",
		"{\"id\":1}", "\xff\xfe", "[{\"type\":\"a\"}]",
	};
	struct notice notice;

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		assert_false(read_text(texts[i], &notice));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_fields_of_a_frame_are_found),
		cmocka_unit_test(an_error_is_told_from_the_frame_around_it),
		cmocka_unit_test(what_lies_deeper_is_not_taken_for_the_frame),
		cmocka_unit_test(what_is_no_frame_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
