/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/tally.h"

#define AFAR 0x5A5A000000000000 /* upper bits that some keys have */
#define CROWD 32                /* keys that begin to look at one cell */

static struct tally tally;

static int forget_all(void **state)
{
	(void)state;
	tally_clear(&tally);
	return 0;
}

/* Keys that all want the same cell. */
static uint64_t neighbour(uint64_t number)
{
	return AFAR + (number << 32) + 7;
}

static void what_is_added_is_counted_until_it_is_dropped(void **state)
{
	(void)state;
	assert_true(tally_add(&tally, 42));
	assert_true(tally_add(&tally, 42));
	assert_true(tally_add(&tally, AFAR + 42));
	assert_int_equal(tally_count(&tally, 42), 2);
	assert_int_equal(tally_count(&tally, AFAR + 42), 1);
	tally_drop(&tally, 42);
	tally_drop(&tally, 42);
	assert_int_equal(tally_count(&tally, 42), 0);
	assert_int_equal(tally_count(&tally, AFAR + 42), 1);
}

static void a_key_stays_found_when_those_before_it_go(void **state)
{
	(void)state;
	for (uint64_t i = 0; i < CROWD; i++)
		assert_true(tally_add(&tally, neighbour(i)));
	for (uint64_t i = 0; i + 1 < CROWD; i++)
		tally_drop(&tally, neighbour(i));
	assert_int_equal(tally_count(&tally, neighbour(CROWD - 1)), 1);
	assert_true(tally_add(&tally, neighbour(CROWD - 1)));
	assert_int_equal(tally_count(&tally, neighbour(CROWD - 1)), 2);
}

static void a_key_too_many_is_refused_and_its_place_used_again(void **state)
{
	(void)state;
	for (uint64_t i = 0; i < CROWD; i++)
		assert_true(tally_add(&tally, neighbour(i)));
	assert_false(tally_add(&tally, neighbour(CROWD)));
	assert_true(tally_add(&tally, neighbour(3)));
	tally_drop(&tally, neighbour(9));
	assert_true(tally_add(&tally, neighbour(CROWD)));
	assert_int_equal(tally_count(&tally, neighbour(CROWD)), 1);
	assert_int_equal(tally_count(&tally, neighbour(9)), 0);
}

static void the_end_of_the_table_is_no_end(void **state)
{
	const uint64_t last = TALLY_CELLS - 1;

	(void)state;
	assert_true(tally_add(&tally, AFAR + last));
	assert_true(tally_add(&tally, last));
	assert_int_equal(tally_count(&tally, AFAR + last), 1);
	assert_int_equal(tally_count(&tally, last), 1);
}

/* More keys come and go than there are cells. */
static void cells_are_used_for_ever(void **state)
{
	(void)state;
	for (uint64_t i = 0; i < 4 * TALLY_CELLS; i++) {
		uint64_t key = i * UINT64_C(0x9E3779B97F4A7C15);

		assert_true(tally_add(&tally, key));
		tally_drop(&tally, key);
		assert_int_equal(tally_count(&tally, key), 0);
	}
}

static void a_cleared_tally_counts_nothing(void **state)
{
	(void)state;
	assert_true(tally_add(&tally, 42));
	tally_clear(&tally);
	assert_int_equal(tally_count(&tally, 42), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(
		    what_is_added_is_counted_until_it_is_dropped, forget_all),
		cmocka_unit_test_setup(
		    a_key_stays_found_when_those_before_it_go, forget_all),
		cmocka_unit_test_setup(
		    a_key_too_many_is_refused_and_its_place_used_again,
		    forget_all),
		cmocka_unit_test_setup(the_end_of_the_table_is_no_end,
		                       forget_all),
		cmocka_unit_test_setup(cells_are_used_for_ever, forget_all),
		cmocka_unit_test_setup(a_cleared_tally_counts_nothing,
		                       forget_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
