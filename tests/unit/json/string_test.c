/* SPDX-License-Identifier: Apache-2.0 */
#include "json/string.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "frame.h"

static void expect(const char *string, const char *text)
{
	uint8_t place[64];
	size_t len = strlen(string);

	assert_true(json_string_is_whole(slice_from_text(string)));
	memcpy(place, string, len);
	len = json_string_unescape(place, len);
	assert_slice((struct slice){ place, len }, text);
}

static void escapes_become_characters(void **state)
{
	(void)state;
	expect("", "");
	expect("abc", "abc");
	expect("\\\"\\\\\\/\\b\\f\\n\\r\\t", "\"\\/\b\f\n\r\t");
	expect("\\u0041\\u007f\\u0080\\u07FF\\u0800\\uffff",
	       "A\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf");
	expect("a\\u00e4b\\u20aCc", "a\xc3\xa4"
	                            "b\xe2\x82\xac"
	                            "c");
	expect("\\\\u0041", "\\u0041");
	expect("\\\\\\u0041", "\\A");
}

static void pairs_of_surrogates_become_one_character(void **state)
{
	(void)state;
	expect("\\ud800\\udc00", "\xf0\x90\x80\x80");
	expect("\\uDBFF\\uDFFF", "\xf4\x8f\xbf\xbf");
	expect("x\\ud83d\\ude00y", "x\xf0\x9f\x98\x80y");
}

static void a_surrogate_alone_is_no_character(void **state)
{
	static const char *const strings[] = {
		"\\ud800",
		"\\udc00",
		"\\udfff\\ud800",
		"\\ud800x",
		"\\ud800\\u0041",
		"\\udbff\\n",
		"\\ud800\\ud800\\udc00",
		"a\\ud800\\\\udc00",
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(strings); i++)
		assert_false(json_string_is_whole(slice_from_text(strings[i])));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(escapes_become_characters),
		cmocka_unit_test(pairs_of_surrogates_become_one_character),
		cmocka_unit_test(a_surrogate_alone_is_no_character),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
