/* SPDX-License-Identifier: Apache-2.0 */
#include "json/payload.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "frame.h"
#include "json/text.h"

static bool is_value(const char *text)
{
	size_t len = strlen(text);
	uint8_t *copy = malloc(len > 0 ? len : 1);
	bool answer;

	assert_non_null(copy);
	memcpy(copy, text, len);
	answer = json_is_value((struct slice){ copy, len });
	free(copy);
	return answer;
}

static void any_json_value_is_one(void **state)
{
	static const char *const texts[] = {
		"0",
		"-0",
		"21.50",
		"1e400",
		"18446744073709551616",
		"null",
		"true",
		"false",
		"\"\"",
		"\"a\\u0000\\ud800\"",
		"{}",
		"[]",
		" 1 ",
		"\n[1,\t2]\r\n",
		"{\"a\":1,\"a\":2}",
		"\"\xc3\xa4\"",
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(texts); i++)
		assert_true(is_value(texts[i]));
}

static void nothing_else_is(void **state)
{
	static const char *const texts[] = {
		"",
		" ",
		"abc",
		"1 2",
		"1,",
		"{}{}",
		"[1,]",
		"{\"a\"}",
		"\"a",
		"\"",
		"nul",
		"nulll",
		"01",
		"-",
		"1.",
		"\xef\xbb\xbf[]",
		"\"\xff\"",
		"\"\t\"",
		"[",
		"]",
		"{} \"",
		"1\"",
		"1 \"a",
		"[] \"\\u00",
		"\"a\"\"b",
		"true\"",
		"\v1",
		"1\f",
		"[\v]",
		"NaN",
		"Infinity",
		"/**/1",
		"1//",
		"'a'",
		"\"\xed\xa0\x80\"",
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(texts); i++)
		assert_false(is_value(texts[i]));
	assert_false(json_is_value((struct slice){ NULL, 0 }));
}

static bool nests(size_t depth, const char *open, const char *close)
{
	char *opening = repeat(open, depth);
	char *closing = repeat(close, depth);
	char *text = compose(opening, open[0] == '{' ? "1" : "", closing);
	bool answer = is_value(text);

	free(text);
	free(closing);
	free(opening);
	return answer;
}

static void it_may_be_1024_deep(void **state)
{
	(void)state;
	assert_true(nests(1024, "[", "]"));
	assert_false(nests(1025, "[", "]"));
	assert_true(nests(1024, "{\"\\n\":", "}"));
	assert_false(nests(1025, "{\"\\n\":", "}"));
	assert_false(nests(2000000, "[", "]"));
}

static void long_ones_are_looked_at_whole(void **state)
{
	char *digits = repeat("1234567890", 100000);
	char *escapes = repeat("\\u00e4\\n", 100000);
	char *string = compose("\"", escapes, "\"");
	char *cut = compose("[\"\\n\",\"", escapes, "");
	char *numbers = compose("[1,", digits, "]");

	(void)state;
	assert_true(is_value(digits));
	assert_true(is_value(string));
	assert_true(is_value(numbers));
	assert_false(is_value(cut));
	free(numbers);
	free(cut);
	free(string);
	free(escapes);
	free(digits);
}

static void what_is_no_json_is_wrapped(void **state)
{
	struct json_text text;

	(void)state;
	json_text_init(&text);
	assert_true(
	    json_wrap_text(&text, slice_from_text("a\"\\\n\x01\xc3\xa4")));
	assert_slice(json_text_written(&text),
	             "{\"message\":\"a\\\"\\\\\\n\\u0001\xc3\xa4\"}");
	assert_true(json_wrap_text(&text, (struct slice){ NULL, 0 }));
	assert_slice(json_text_written(&text), "{\"message\":\"\"}");
	json_text_finish(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_json_value_is_one),
		cmocka_unit_test(nothing_else_is),
		cmocka_unit_test(it_may_be_1024_deep),
		cmocka_unit_test(long_ones_are_looked_at_whole),
		cmocka_unit_test(what_is_no_json_is_wrapped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
