/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/bucket.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define START_MS 1000000
#define HOUR_MS 3600000

static struct bucket full_bucket(uint32_t per_s)
{
	struct bucket bucket;

	bucket_init(&bucket, per_s, START_MS);
	return bucket;
}

/* The answer is right: paid then, and not a good while before. */
static void expect_debt(struct bucket *bucket, uint64_t now_ms, uint64_t ms)
{
	struct bucket early = *bucket;
	struct bucket late = *bucket;
	uint64_t wait = bucket_wait_ms(bucket, now_ms);

	assert_in_range(wait, ms, ms + 1);
	assert_int_not_equal(bucket_wait_ms(&early, now_ms + ms - 1), 0);
	assert_int_equal(bucket_wait_ms(&late, now_ms + wait), 0);
}

static void what_a_second_holds_may_come_at_once(void **state)
{
	struct bucket bucket = full_bucket(10);

	(void)state;
	for (unsigned i = 0; i < 10; i++) {
		bucket_take(&bucket, 1, START_MS);
		assert_int_equal(bucket_wait_ms(&bucket, START_MS), 0);
	}
	bucket_take(&bucket, 1, START_MS);
	expect_debt(&bucket, START_MS, 100);
}

static void a_large_piece_is_let_through_and_paid_for(void **state)
{
	struct bucket bucket = full_bucket(1000);

	(void)state;
	bucket_take(&bucket, 61000, START_MS);
	expect_debt(&bucket, START_MS, 60000);
	assert_int_not_equal(bucket_wait_ms(&bucket, START_MS + 30000), 0);
	expect_debt(&bucket, START_MS + 30000, 30000);
}

static void a_long_rest_fills_it_no_more_than_full(void **state)
{
	struct bucket bucket = full_bucket(5);

	(void)state;
	bucket_take(&bucket, 5, START_MS);
	bucket_take(&bucket, 5, START_MS + HOUR_MS);
	assert_int_equal(bucket_wait_ms(&bucket, START_MS + HOUR_MS), 0);
	bucket_take(&bucket, 1, START_MS + HOUR_MS);
	expect_debt(&bucket, START_MS + HOUR_MS, 200);
}

static void a_rest_of_more_than_a_second_is_no_more_than_one(void **state)
{
	struct bucket bucket = full_bucket(5);

	(void)state;
	bucket_take(&bucket, 5, START_MS);
	bucket_take(&bucket, 6, START_MS + 1500);
	expect_debt(&bucket, START_MS + 1500, 200);
}

/* However often it is asked in between, nothing is rounded away. */
static void one_a_second_is_one_a_second(void **state)
{
	struct bucket bucket = full_bucket(1);
	uint64_t now_ms = START_MS;
	unsigned taken = 0;

	(void)state;
	for (; now_ms < START_MS + 60000; now_ms += 7) {
		if (bucket_wait_ms(&bucket, now_ms) > 0)
			continue;
		bucket_take(&bucket, 1, now_ms);
		taken++;
	}
	assert_in_range(taken, 60, 62);
}

static void no_limit_never_waits(void **state)
{
	struct bucket bucket = full_bucket(0);

	(void)state;
	bucket_take(&bucket, UINT32_MAX, START_MS);
	assert_int_equal(bucket_wait_ms(&bucket, START_MS), 0);
}

static void the_largest_numbers_do_not_wrap(void **state)
{
	struct bucket bucket = full_bucket(UINT32_MAX);

	(void)state;
	bucket_take(&bucket, UINT32_MAX, START_MS);
	bucket_take(&bucket, UINT32_MAX, START_MS);
	expect_debt(&bucket, START_MS, 1000);
	assert_int_equal(bucket_wait_ms(&bucket, UINT64_MAX), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_second_holds_may_come_at_once),
		cmocka_unit_test(a_large_piece_is_let_through_and_paid_for),
		cmocka_unit_test(a_long_rest_fills_it_no_more_than_full),
		cmocka_unit_test(
		    a_rest_of_more_than_a_second_is_no_more_than_one),
		cmocka_unit_test(one_a_second_is_one_a_second),
		cmocka_unit_test(no_limit_never_waits),
		cmocka_unit_test(the_largest_numbers_do_not_wrap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
