/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/pace.h"

#define START_MS 1000000

/* How many of `tries` at one moment are let through. */
static unsigned burst(struct pace *one, struct pace *other, uint64_t now_ms,
                      uint32_t per_s, unsigned tries)
{
	unsigned taken = 0;

	for (unsigned i = 0; i < tries; i++)
		taken += pace_take(one, other, now_ms, per_s);
	return taken;
}

static void after_quiet_a_second_s_worth_comes_at_once(void **state)
{
	const uint32_t rates[] = { 1, 2, 3, 7, 1000, 1000000 };

	(void)state;
	for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++) {
		struct pace pace = { 0 };
		unsigned tries = rates[i] + 5;

		assert_int_equal(burst(&pace, &pace, START_MS, rates[i], tries),
		                 rates[i]);
		assert_int_equal(
		    burst(&pace, &pace, START_MS + 5000, rates[i], tries),
		    rates[i]);
	}
}

static void then_they_come_back_one_by_one(void **state)
{
	struct pace pace = { 0 };

	(void)state;
	assert_int_equal(burst(&pace, &pace, START_MS, 10, 20), 10);
	assert_int_equal(burst(&pace, &pace, START_MS + 99, 10, 20), 0);
	assert_int_equal(burst(&pace, &pace, START_MS + 100, 10, 20), 1);
	assert_int_equal(burst(&pace, &pace, START_MS + 350, 10, 20), 2);
}

static void those_that_are_refused_put_nothing_off(void **state)
{
	struct pace pace = { 0 };
	unsigned taken = 0;

	(void)state;
	for (uint64_t ms = 0; ms < 10000; ms++)
		taken += burst(&pace, &pace, START_MS + ms, 5, 3);
	assert_int_equal(taken, 5 + 5 * 10 - 1);
}

static void who_shares_one_pace_with_a_flood_comes_in(void **state)
{
	struct pace flooded = { 0 };
	struct pace shared = { 0 };
	struct pace own = { 0 };

	(void)state;
	assert_int_equal(burst(&flooded, &shared, START_MS, 5, 100), 5);
	assert_int_equal(burst(&shared, &own, START_MS, 5, 100), 5);
	assert_int_equal(burst(&own, &shared, START_MS, 5, 100), 0);
}

/* Two that have got out of step give no more than one of them. */
static void two_paces_are_not_twice_as_fast(void **state)
{
	struct pace one = { 0 };
	struct pace other = { 0 };
	unsigned taken = 0;

	(void)state;
	assert_int_equal(burst(&one, &one, START_MS, 5, 100), 5);
	assert_int_equal(burst(&other, &other, START_MS + 100, 5, 100), 5);
	for (uint64_t ms = 101; ms <= 10100; ms++)
		taken += burst(&one, &other, START_MS + ms, 5, 3);
	assert_in_range(taken, 49, 51);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(after_quiet_a_second_s_worth_comes_at_once),
		cmocka_unit_test(then_they_come_back_one_by_one),
		cmocka_unit_test(those_that_are_refused_put_nothing_off),
		cmocka_unit_test(who_shares_one_pace_with_a_flood_comes_in),
		cmocka_unit_test(two_paces_are_not_twice_as_fast),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
