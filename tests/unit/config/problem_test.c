/* SPDX-License-Identifier: Apache-2.0 */
#include "config/problem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void problems_are_printed_in_file_order(void **state)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	struct problems problems;

	(void)state;
	problems_init(&problems);
	problem_error(&problems, (struct config_place){ "b", 7 }, "one");
	problem_warning(&problems, (struct config_place){ "a", 3 }, "two");
	problem_error(&problems, (struct config_place){ "b", 2 }, "three");
	problem_error(&problems, (struct config_place){ "b", 7 }, "four");
	problem_error(&problems, (struct config_place){ "a", 0 }, "five");
	problem_error(&problems, (struct config_place){ NULL, 0 }, "six");
	problem_error(&problems, (struct config_place){ "b", 5 }, "seven");
	problems_print(&problems, out);
	fclose(out);
	assert_string_equal(text, "b:2: three\n"
	                          "b:5: seven\n"
	                          "b:7: one\n"
	                          "b:7: four\n"
	                          "a: five\n"
	                          "a:3: warning: two\n"
	                          "built in: six\n");
	free(text);
	problems_finish(&problems);
}

static void only_errors_are_counted_as_errors(void **state)
{
	struct problems problems;

	(void)state;
	problems_init(&problems);
	problem_warning(&problems, (struct config_place){ "a", 1 }, "one");
	assert_int_equal(problems.errors, 0);
	problem_error(&problems, (struct config_place){ "a", 1 }, "two");
	assert_int_equal(problems.errors, 1);
	assert_int_equal(problems.count, 2);
	problems_finish(&problems);
	assert_int_equal(problems.count, 0);
}

static void problem_outlives_the_name_of_its_file(void **state)
{
	char name[] = "postern.conf";
	struct problems problems;

	(void)state;
	problems_init(&problems);
	problem_error(&problems, (struct config_place){ name, 1 }, "one");
	memset(name, 'x', sizeof(name) - 1);
	assert_string_equal(problems.list[0].place.file, "postern.conf");
	problems_finish(&problems);
}

static void problem_is_one_printable_line(void **state)
{
	struct problems problems;

	(void)state;
	problems_init(&problems);
	problem_error(&problems, (struct config_place){ "a", 1 }, "%s",
	              "a\nb\x1b[31m\x7f");
	assert_string_equal(problems.list[0].text, "a?b?[31m?");
	problems_finish(&problems);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(problems_are_printed_in_file_order),
		cmocka_unit_test(only_errors_are_counted_as_errors),
		cmocka_unit_test(problem_outlives_the_name_of_its_file),
		cmocka_unit_test(problem_is_one_printable_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
