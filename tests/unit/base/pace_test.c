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

static const struct pace_limit tenth_s = { 100000000, 0 };
static const struct pace_limit tenth_s_three_at_once = { 100000000, 200000000 };

static uint64_t reserved(struct pace *pace, const struct pace_limit *limit,
                         uint64_t now_ms)
{
	uint64_t wait_ms;

	assert_true(pace_reserve(pace, pace, limit, now_ms, 100000, &wait_ms));
	return wait_ms;
}

static void a_lone_one_never_waits(void **state)
{
	struct pace pace = { 0 };

	(void)state;
	for (uint64_t ms = 0; ms <= 10000; ms += 100)
		assert_int_equal(reserved(&pace, &tenth_s, START_MS + ms), 0);
}

static void who_comes_at_once_goes_one_after_the_other(void **state)
{
	struct pace pace = { 0 };

	(void)state;
	for (uint64_t i = 0; i < 50; i++)
		assert_int_equal(reserved(&pace, &tenth_s, START_MS), 100 * i);
	assert_int_equal(reserved(&pace, &tenth_s, START_MS + 4950), 50);
}

static void so_many_may_go_ahead_and_no_more_than_come_evenly(void **state)
{
	struct pace pace = { 0 };
	uint64_t waits[] = { 0, 0, 0, 100, 200 };

	(void)state;
	for (size_t i = 0; i < sizeof waits / sizeof waits[0]; i++)
		assert_int_equal(
		    reserved(&pace, &tenth_s_three_at_once, START_MS),
		    waits[i]);
}

static void a_wait_is_never_too_short(void **state)
{
	const struct pace_limit odd = { 1000001, 0 };
	struct pace pace = { 0 };

	(void)state;
	assert_int_equal(reserved(&pace, &odd, START_MS), 0);
	assert_int_equal(reserved(&pace, &odd, START_MS), 2);
}

static void who_would_wait_too_long_takes_no_place(void **state)
{
	struct pace pace = { 0 };
	uint64_t wait_ms;

	(void)state;
	for (int i = 0; i < 11; i++)
		(void)reserved(&pace, &tenth_s, START_MS);
	for (int i = 0; i < 20; i++) {
		assert_false(pace_reserve(&pace, &pace, &tenth_s, START_MS,
		                          1099, &wait_ms));
		assert_int_equal(wait_ms, 1100);
	}
	assert_int_equal(reserved(&pace, &tenth_s, START_MS), 1100);
}

static void what_is_put_off_is_due_then_and_not_earlier(void **state)
{
	struct pace one = { 0 };
	struct pace other = { 0 };
	uint64_t later_ns = (START_MS + UINT64_C(5000)) * 1000000;
	uint64_t wait_ms;

	(void)state;
	pace_put_off(&one, &other, later_ns);
	pace_put_off(&one, &other, later_ns - 1);
	assert_true(pace_due_ns(&one, &other) == later_ns);
	assert_true(
	    pace_reserve(&one, &other, &tenth_s, START_MS, 5000, &wait_ms));
	assert_int_equal(wait_ms, 5000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(after_quiet_a_second_s_worth_comes_at_once),
		cmocka_unit_test(then_they_come_back_one_by_one),
		cmocka_unit_test(those_that_are_refused_put_nothing_off),
		cmocka_unit_test(who_shares_one_pace_with_a_flood_comes_in),
		cmocka_unit_test(two_paces_are_not_twice_as_fast),
		cmocka_unit_test(a_lone_one_never_waits),
		cmocka_unit_test(who_comes_at_once_goes_one_after_the_other),
		cmocka_unit_test(
		    so_many_may_go_ahead_and_no_more_than_come_evenly),
		cmocka_unit_test(a_wait_is_never_too_short),
		cmocka_unit_test(who_would_wait_too_long_takes_no_place),
		cmocka_unit_test(what_is_put_off_is_due_then_and_not_earlier),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
