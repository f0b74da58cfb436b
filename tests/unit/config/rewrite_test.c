/* SPDX-License-Identifier: Apache-2.0 */
#include "config/rewrite.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "expect.h"

static void expect_rewritten(const char *text, const char *expected)
{
	struct problems problems;
	char *found;

	problems_init(&problems);
	found = rewrite_text("f", text, strlen(text), &problems);
	expect_counts(&problems, 0, 0);
	assert_string_equal(found, expected);
	free(found);
	problems_finish(&problems);
}

static void expect_refused(const char *text, size_t len, unsigned line,
                           const char *why)
{
	struct problems problems;

	problems_init(&problems);
	assert_null(rewrite_text("f", text, len, &problems));
	expect_counts(&problems, 1, 0);
	expect_error(&problems, line, why);
	problems_finish(&problems);
}

static void whole_numbers_become_64_bit_decimals(void **state)
{
	(void)state;
	expect_rewritten("1", "1L ");
	expect_rewritten("-1 +1 010", "-1L 1L 10L ");
	expect_rewritten("5000000000", "5000000000L ");
	expect_rewritten("7L 7LL", "7L 7L ");
	expect_rewritten("0xFFFFFFFF 0XfL", "4294967295L 15L ");
}

static void numbers_too_long_become_the_largest(void **state)
{
	(void)state;
	expect_rewritten("99999999999999999999", "9223372036854775807L ");
	expect_rewritten("-99999999999999999999", "-9223372036854775808L ");
	expect_rewritten("0x10000000000000001", "9223372036854775807L ");
}

static void what_only_begins_like_a_number_is_refused(void **state)
{
	static const char *const texts[] = {
		"25s",  "1.5", ".5",  "1e3",  "0x",       "0b1",  "1L2",
		"1LLL", "1_0", "1-2", "-.5s", "10.0.0.1", "0xfg", "12abc",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		expect_refused(texts[i], strlen(texts[i]), 1, texts[i]);
}

static void digits_in_names_and_texts_stay(void **state)
{
	(void)state;
	expect_rewritten("a5-0=\"5000000000 \\\" 7\";",
	                 "a5-0 = \"5000000000 \\\" 7\" ; ");
}

static void comments_go_and_lines_stay(void **state)
{
	(void)state;
	expect_rewritten("a # 1\n// 2 \"\nb /* 3\n */ c\r\nd",
	                 "a \n\nb \nc \nd ");
}

static void closing_token_follows_its_text_on_the_same_line(void **state)
{
	(void)state;
	expect_rewritten("[ \"a\" # first\n, \"b\"\n]\n;x",
	                 "[ \"a\" , \n\"b\" ] \n\n; x ");
}

static void setting_after_a_text_stays_on_its_line(void **state)
{
	(void)state;
	expect_rewritten("a = \"x\"\nb", "a = \"x\" \nb ");
}

static void text_or_comment_without_end_is_refused_where_it_begins(void **state)
{
	(void)state;
	expect_refused("\na = \"b\nc", 8, 2, "does not end on its line");
	expect_refused("\n\"", 2, 2, "does not end on its line");
	expect_refused("\"\\", 2, 1, "does not end on its line");
	expect_refused("\n/* a\n\n", 7, 2, "does not end");
	expect_refused("/*/", 3, 1, "does not end");
}

static void nul_bytes_are_refused(void **state)
{
	(void)state;
	expect_refused("a = 1;\n\0b = 2;", 14, 2, "NUL byte");
	expect_refused("\0", 1, 1, "NUL byte");
	expect_refused("\"\\x00\"", 6, 1, "cannot hold \\x00");
	expect_rewritten("\"\\\\x00\"", "\"\\\\x00\" ");
}

static void byte_order_mark_is_refused(void **state)
{
	(void)state;
	expect_refused("\xef\xbb\xbf"
	               "a = 1;",
	               9, 1, "byte order mark");
}

static void include_is_refused_except_in_texts_and_comments(void **state)
{
	(void)state;
	expect_refused("@include \"a\"", 12, 1, "@include is not known");
	expect_rewritten("\"@include\" # @include", "\"@include\" ");
}

static void comma_at_the_end_of_a_list_is_refused(void **state)
{
	(void)state;
	expect_refused("(1, # last\n)", 12, 2, "must not end with a comma");
	expect_refused("[\"a\",]", 6, 1, "must not end with a comma");
}

static void every_error_is_found_at_once(void **state)
{
	struct problems problems;
	const char *text = "1s\n2s\n@include\n";

	(void)state;
	problems_init(&problems);
	assert_null(rewrite_text("f", text, strlen(text), &problems));
	expect_counts(&problems, 3, 0);
	expect_error(&problems, 2, "2s");
	expect_error(&problems, 3, "@include");
	problems_finish(&problems);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_numbers_become_64_bit_decimals),
		cmocka_unit_test(numbers_too_long_become_the_largest),
		cmocka_unit_test(what_only_begins_like_a_number_is_refused),
		cmocka_unit_test(digits_in_names_and_texts_stay),
		cmocka_unit_test(comments_go_and_lines_stay),
		cmocka_unit_test(
		    closing_token_follows_its_text_on_the_same_line),
		cmocka_unit_test(setting_after_a_text_stays_on_its_line),
		cmocka_unit_test(
		    text_or_comment_without_end_is_refused_where_it_begins),
		cmocka_unit_test(nul_bytes_are_refused),
		cmocka_unit_test(byte_order_mark_is_refused),
		cmocka_unit_test(
		    include_is_refused_except_in_texts_and_comments),
		cmocka_unit_test(comma_at_the_end_of_a_list_is_refused),
		cmocka_unit_test(every_error_is_found_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
