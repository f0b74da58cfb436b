/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/shared.h"

static struct shared *shared_with_owners(size_t rows)
{
	struct shared *shared = shared_create(rows);

	assert_non_null(shared);
	for (size_t i = 0; i < rows; i++)
		assert_int_equal(shared_claim_row(shared), i);
	return shared;
}

static void counters_outlive_the_worker_and_gauges_do_not(void **state)
{
	struct shared *shared = shared_with_owners(2);
	struct shared_row *row = shared_row(shared, 1);

	(void)state;
	shared_count(row, SHARED_CONNECTIONS, 3);
	shared_set(row, SHARED_SESSIONS, 3);
	shared_set_sessions(row, 7, 3);
	shared_release_row(shared, 1);
	assert_int_equal(shared_sum_gauge(shared, SHARED_SESSIONS), 0);
	assert_int_equal(shared_sum_sessions(shared, 7), 0);
	assert_int_equal(shared_claim_row(shared), 1);
	shared_count(row, SHARED_CONNECTIONS, 4);
	assert_int_equal(shared_sum_counter(shared, SHARED_CONNECTIONS), 7);
	shared_destroy(shared);
}

static void what_goes_on_is_counted_once(void **state)
{
	struct shared *shared = shared_with_owners(1);
	const bool story[] = { false, true, true, false, false, true };
	bool was = false;

	(void)state;
	for (size_t i = 0; i < sizeof story / sizeof *story; i++)
		shared_count_begin(shared_row(shared, 0), SHARED_CONNECTIONS,
		                   &was, story[i]);
	assert_int_equal(shared_sum_counter(shared, SHARED_CONNECTIONS), 2);
	shared_destroy(shared);
}

static void there_is_no_row_for_one_worker_more(void **state)
{
	struct shared *shared = shared_with_owners(2);

	(void)state;
	assert_int_equal(shared_claim_row(shared), SHARED_NO_ROW);
	shared_release_row(shared, 0);
	assert_int_equal(shared_claim_row(shared), 0);
	shared_destroy(shared);
}

static void sums_are_over_all_workers(void **state)
{
	struct shared *shared = shared_with_owners(3);

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		shared_set(shared_row(shared, i), SHARED_SESSIONS, i + 1);
		shared_set_sessions(shared_row(shared, i), 0, (uint32_t)i + 2);
	}
	assert_int_equal(shared_sum_gauge(shared, SHARED_SESSIONS), 6);
	assert_int_equal(shared_sum_sessions(shared, 0), 9);
	shared_destroy(shared);
}

static void only_accepting_workers_count_as_the_least(void **state)
{
	struct shared *shared = shared_with_owners(3);

	(void)state;
	assert_int_equal(shared_least_sessions(shared), 0);
	shared_set(shared_row(shared, 0), SHARED_SESSIONS, 9);
	shared_set(shared_row(shared, 0), SHARED_IS_ACCEPTING, 1);
	shared_set(shared_row(shared, 1), SHARED_SESSIONS, 5);
	shared_set(shared_row(shared, 1), SHARED_IS_ACCEPTING, 1);
	assert_int_equal(shared_least_sessions(shared), 5);
	shared_destroy(shared);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counters_outlive_the_worker_and_gauges_do_not),
		cmocka_unit_test(what_goes_on_is_counted_once),
		cmocka_unit_test(there_is_no_row_for_one_worker_more),
		cmocka_unit_test(sums_are_over_all_workers),
		cmocka_unit_test(only_accepting_workers_count_as_the_least),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
