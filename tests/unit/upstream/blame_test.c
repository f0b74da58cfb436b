/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How often the log hears of a server that fails.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "upstream/blame.h"

#define MINUTE_MS 60000

static bool is_new(struct blame *blame, const char *why, uint64_t now_ms)
{
	uint64_t suppressed;

	return blame_is_new(blame, why, now_ms, &suppressed);
}

static void the_same_reason_is_said_once_a_minute(void **state)
{
	struct blame blame = { 0 };
	uint64_t suppressed = 0;

	(void)state;
	assert_true(blame_is_new(&blame, "refused", 5000, &suppressed));
	assert_int_equal(suppressed, 0);
	for (uint64_t ms = 5000; ms < 5000 + MINUTE_MS; ms += 20000)
		assert_false(is_new(&blame, "refused", ms));
	assert_true(
	    blame_is_new(&blame, "refused", 5000 + MINUTE_MS, &suppressed));
	assert_int_equal(suppressed, 3);
	assert_false(is_new(&blame, "refused", 5001 + MINUTE_MS));
}

static void another_reason_is_said_at_once(void **state)
{
	struct blame blame = { 0 };

	(void)state;
	assert_true(is_new(&blame, "refused", 5000));
	assert_true(is_new(&blame, "expired", 5000));
	assert_false(is_new(&blame, "refused", 5001));
	assert_false(is_new(&blame, "expired", 5001));
}

static void it_is_new_again_once_all_was_well(void **state)
{
	struct blame blame = { 0 };

	(void)state;
	assert_true(is_new(&blame, "refused", 5000));
	blame_forget(&blame);
	assert_true(is_new(&blame, "refused", 5001));
}

static void reasons_without_number_are_few_lines_a_second(void **state)
{
	struct blame blame = { 0 };
	char why[16];
	unsigned lines = 0;

	(void)state;
	for (unsigned i = 0; i < 1000; i++) {
		snprintf(why, sizeof why, "reason %u", i);
		lines += is_new(&blame, why, 5000);
	}
	assert_int_equal(lines, 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_reason_is_said_once_a_minute),
		cmocka_unit_test(another_reason_is_said_at_once),
		cmocka_unit_test(it_is_new_again_once_all_was_well),
		cmocka_unit_test(reasons_without_number_are_few_lines_a_second),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
