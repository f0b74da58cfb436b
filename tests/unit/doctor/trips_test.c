/* SPDX-License-Identifier: Apache-2.0 */
#include "doctor/trips.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void the_median_does_not_depend_on_the_order(void **state)
{
	static const double ms[] = { 9, 1, 5, 1000, 3 };
	struct trips trips = { .count = 0 };

	(void)state;
	for (size_t i = 0; i < TRIPS; i++)
		trips_add(&trips, ms[i]);
	assert_true(trips_median(&trips) == 5);
	trips_add(&trips, 0);
	assert_int_equal(trips.count, TRIPS);
	assert_true(trips_median(&trips) == 5);
}

static void of_one_it_is_that_one(void **state)
{
	struct trips trips = { .count = 0 };

	(void)state;
	trips_add(&trips, 7);
	assert_true(trips_median(&trips) == 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_median_does_not_depend_on_the_order),
		cmocka_unit_test(of_one_it_is_that_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
