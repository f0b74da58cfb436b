/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/takeover.h"

#define START_MS UINT64_C(1000000)
#define MINUTE_MS 60000
#define KEY UINT64_C(0x0123456789abcdef)
#define OTHER UINT64_C(0xfedcba9876543210)

static struct takeovers takeovers;

static int set_up(void **state)
{
	(void)state;
	memset(&takeovers, 0, sizeof takeovers);
	return 0;
}

/* How many of `count`, one each `every_ms`, are one too many. */
static int count(int times, uint64_t start_ms, uint64_t every_ms)
{
	int back_offs = 0;

	for (int i = 0; i < times; i++) {
		uint64_t now_ms = start_ms + (uint64_t)i * every_ms;

		back_offs += takeover_count(&takeovers, KEY, now_ms);
	}
	return back_offs;
}

static void five_in_a_minute_are_borne(void **state)
{
	(void)state;
	assert_int_equal(count(5, START_MS, 0), 0);
	assert_int_equal(takeover_backoff_ms(&takeovers, KEY, START_MS), 0);
	assert_int_equal(count(5, START_MS + MINUTE_MS, 0), 0);
	assert_int_equal(
	    takeover_backoff_ms(&takeovers, KEY, START_MS + MINUTE_MS), 0);
}

static void one_each_twelve_seconds_is_borne_for_good(void **state)
{
	(void)state;
	assert_int_equal(count(1000, START_MS, 12000), 0);
}

static void the_sixth_begins_a_back_off_of_half_a_minute(void **state)
{
	(void)state;
	assert_int_equal(count(6, START_MS, 1000), 1);
	assert_int_equal(takeover_backoff_ms(&takeovers, KEY, START_MS + 5000),
	                 TAKEOVER_BACKOFF_MS);
	assert_int_equal(takeover_backoff_ms(&takeovers, KEY, START_MS + 34999),
	                 1);
	assert_int_equal(takeover_backoff_ms(&takeovers, KEY, START_MS + 35000),
	                 0);
}

static void a_back_off_is_counted_once_and_grows_no_longer(void **state)
{
	(void)state;
	assert_int_equal(count(6, START_MS, 0), 1);
	assert_int_equal(count(100, START_MS, 200), 0);
	assert_int_equal(takeover_backoff_ms(&takeovers, KEY, START_MS + 20000),
	                 10000);
}

static void who_goes_on_after_it_is_held_back_at_once(void **state)
{
	uint64_t over_ms = START_MS + TAKEOVER_BACKOFF_MS;

	(void)state;
	assert_int_equal(count(6, START_MS, 0), 1);
	assert_int_equal(count(1, over_ms, 0), 1);
	assert_int_equal(takeover_backoff_ms(&takeovers, KEY, over_ms),
	                 TAKEOVER_BACKOFF_MS);
}

static void who_then_is_quiet_for_a_minute_is_as_before(void **state)
{
	uint64_t over_ms = START_MS + TAKEOVER_BACKOFF_MS;

	(void)state;
	assert_int_equal(count(6, START_MS, 0), 1);
	assert_int_equal(count(5, over_ms + MINUTE_MS, 0), 0);
}

static void other_ids_are_not_held_back(void **state)
{
	(void)state;
	assert_int_equal(count(6, START_MS, 0), 1);
	assert_int_equal(takeover_backoff_ms(&takeovers, OTHER, START_MS), 0);
	assert_false(takeover_count(&takeovers, OTHER, START_MS));
}

static void a_suspicion_holds_for_ten_seconds_and_once(void **state)
{
	uint64_t then_ms = 0;

	(void)state;
	assert_false(
	    takeover_was_suspected(&takeovers, KEY, START_MS, &then_ms));
	takeover_suspect(&takeovers, KEY, START_MS);
	assert_false(
	    takeover_was_suspected(&takeovers, OTHER, START_MS, &then_ms));
	assert_true(takeover_was_suspected(&takeovers, KEY, START_MS + 10000,
	                                   &then_ms));
	assert_int_equal(then_ms, START_MS);
	assert_false(takeover_was_suspected(&takeovers, KEY, START_MS + 10000,
	                                    &then_ms));
	takeover_suspect(&takeovers, KEY, START_MS);
	assert_false(takeover_was_suspected(&takeovers, KEY, START_MS + 10001,
	                                    &then_ms));
}

/* They share a word, but it says whose it is. */
static void an_id_is_not_suspected_for_another(void **state)
{
	uint64_t alike = KEY ^ (UINT64_C(1) << 63);
	uint64_t then_ms;

	(void)state;
	takeover_suspect(&takeovers, KEY, START_MS);
	assert_false(
	    takeover_was_suspected(&takeovers, alike, START_MS + 1, &then_ms));
}

#define TEST(name) cmocka_unit_test_setup(name, set_up)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(five_in_a_minute_are_borne),
		TEST(one_each_twelve_seconds_is_borne_for_good),
		TEST(the_sixth_begins_a_back_off_of_half_a_minute),
		TEST(a_back_off_is_counted_once_and_grows_no_longer),
		TEST(who_goes_on_after_it_is_held_back_at_once),
		TEST(who_then_is_quiet_for_a_minute_is_as_before),
		TEST(other_ids_are_not_held_back),
		TEST(a_suspicion_holds_for_ten_seconds_and_once),
		TEST(an_id_is_not_suspected_for_another),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
