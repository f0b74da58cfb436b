/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/shared.h"

static void counters_outlive_the_worker_and_gauges_do_not(void **state)
{
	struct shared *shared =
	    shared_create(&(struct shared_sizes){ .rows = 2 });
	struct shared_row *row = shared_row(shared, 1);

	(void)state;
	shared_count(row, SHARED_CONNECTIONS, 3);
	shared_set(row, SHARED_SESSIONS, 3);
	shared_clear_row(row);
	shared_count(row, SHARED_CONNECTIONS, 4);
	assert_int_equal(shared_sum_counter(shared, SHARED_CONNECTIONS), 7);
	assert_int_equal(shared_sum_gauge(shared, SHARED_SESSIONS), 0);
	shared_destroy(shared);
}

static void sums_are_over_all_workers(void **state)
{
	struct shared *shared =
	    shared_create(&(struct shared_sizes){ .rows = 3 });

	(void)state;
	for (size_t i = 0; i < 3; i++)
		shared_set(shared_row(shared, i), SHARED_SESSIONS, i + 1);
	assert_int_equal(shared_sum_gauge(shared, SHARED_SESSIONS), 6);
	shared_destroy(shared);
}

static void only_accepting_workers_count_as_the_least(void **state)
{
	struct shared *shared =
	    shared_create(&(struct shared_sizes){ .rows = 3 });

	(void)state;
	assert_int_equal(shared_least_sessions(shared), 0);
	shared_set(shared_row(shared, 0), SHARED_SESSIONS, 9);
	shared_set(shared_row(shared, 0), SHARED_IS_ACCEPTING, 1);
	shared_set(shared_row(shared, 1), SHARED_SESSIONS, 5);
	shared_set(shared_row(shared, 1), SHARED_IS_ACCEPTING, 1);
	assert_int_equal(shared_least_sessions(shared), 5);
	shared_destroy(shared);
}

static void each_server_has_its_own_reach(void **state)
{
	struct shared *shared =
	    shared_create(&(struct shared_sizes){ .rows = 1, .servers = 2 });

	(void)state;
	shared_set_reach(shared, 1, SHARED_REACH_UP);
	assert_int_equal(shared_reach(shared, 0), SHARED_REACH_UNKNOWN);
	assert_int_equal(shared_reach(shared, 1), SHARED_REACH_UP);
	shared_destroy(shared);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counters_outlive_the_worker_and_gauges_do_not),
		cmocka_unit_test(sums_are_over_all_workers),
		cmocka_unit_test(only_accepting_workers_count_as_the_least),
		cmocka_unit_test(each_server_has_its_own_reach),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
