/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/latency.h"

static void bounds_rise_from_1_ms_to_10_s(void **state)
{
	(void)state;
	assert_int_equal(latency_bound_us(0), 1000);
	assert_int_equal(latency_bound_us(LATENCY_BOUNDS - 1), 10000000);
	for (size_t i = 1; i < LATENCY_BOUNDS; i++)
		assert_true(latency_bound_us(i) > latency_bound_us(i - 1));
}

static void a_bound_belongs_into_its_own_bucket(void **state)
{
	(void)state;
	for (size_t i = 0; i < LATENCY_BOUNDS; i++) {
		assert_int_equal(latency_bucket(latency_bound_us(i)), i);
		assert_int_equal(latency_bucket(latency_bound_us(i) + 1),
		                 i + 1);
	}
}

static void all_else_is_in_the_first_or_the_last(void **state)
{
	(void)state;
	assert_int_equal(latency_bucket(0), 0);
	assert_int_equal(latency_bucket(UINT64_MAX), LATENCY_BUCKETS - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bounds_rise_from_1_ms_to_10_s),
		cmocka_unit_test(a_bound_belongs_into_its_own_bucket),
		cmocka_unit_test(all_else_is_in_the_first_or_the_last),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
