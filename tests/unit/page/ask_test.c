/* SPDX-License-Identifier: Apache-2.0 */
#include "page/ask.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct ask *add(struct asks *asks, const char *id, uint64_t due_ms)
{
	struct ask *ask = asks_add(asks, slice_from_text(id), due_ms);

	assert_non_null(ask);
	return ask;
}

static struct slice correlation_of(const struct ask *ask)
{
	return (struct slice){ ask->correlation, sizeof ask->correlation };
}

static void an_ask_keeps_the_id_of_the_page(void **state)
{
	struct asks asks = { 0 };
	char id[] = "id-1";
	struct ask *ask = add(&asks, id, 1000);

	(void)state;
	memset(id, 'x', sizeof id);
	assert_true(slice_is(ask->id, "id-1"));
	assert_int_equal(ask->due_ms, 1000);
	assert_int_equal(asks.count, 1);
	assert_int_equal(add(&asks, "", 1000)->id.len, 0);
	asks_finish(&asks);
	assert_int_equal(asks.count, 0);
	assert_null(asks.first);
}

/* Not even where the one before it is gone: its response may come late. */
static void no_correlation_comes_twice(void **state)
{
	struct asks asks = { 0 };
	struct ask *first = add(&asks, "1", 1000);
	struct ask *second = add(&asks, "2", 1000);
	uint8_t gone[ASK_CORRELATION_OCTETS];

	(void)state;
	assert_false(
	    slice_equals(correlation_of(first), correlation_of(second)));
	memcpy(gone, second->correlation, sizeof gone);
	asks_drop(&asks, second);
	for (size_t i = 0; i < 300; i++) {
		struct ask *ask = add(&asks, "n", 1000);

		assert_memory_not_equal(ask->correlation, gone, sizeof gone);
		assert_false(
		    slice_equals(correlation_of(ask), correlation_of(first)));
		asks_drop(&asks, ask);
	}
	asks_finish(&asks);
}

static void a_response_is_matched_by_its_whole_correlation(void **state)
{
	struct asks asks = { 0 };
	struct ask *first = add(&asks, "1", 1000);
	struct ask *second = add(&asks, "2", 1000);
	struct slice cut = correlation_of(first);

	(void)state;
	assert_ptr_equal(asks_find_correlation(&asks, correlation_of(first)),
	                 first);
	assert_ptr_equal(asks_find_correlation(&asks, correlation_of(second)),
	                 second);
	cut.len--;
	assert_null(asks_find_correlation(&asks, cut));
	assert_null(asks_find_correlation(&asks, (struct slice){ NULL, 0 }));
	assert_null(asks_find_correlation(&asks, slice_from_text("12345678")));
	asks_finish(&asks);
}

static void a_refusal_is_matched_by_the_number_of_its_publish(void **state)
{
	struct asks asks = { 0 };
	struct ask *first = add(&asks, "1", 1000);
	struct ask *second = add(&asks, "2", 1000);

	(void)state;
	first->number = 17;
	second->number = 18;
	assert_ptr_equal(asks_find_number(&asks, 17), first);
	assert_ptr_equal(asks_find_number(&asks, 18), second);
	assert_null(asks_find_number(&asks, 19));
	asks_finish(&asks);
}

static void an_ask_is_too_late_from_its_moment_on(void **state)
{
	struct asks asks = { 0 };
	struct ask *late = add(&asks, "1", 2000);
	struct ask *soon = add(&asks, "2", 1000);

	(void)state;
	assert_null(asks_find_due(&asks, 999));
	assert_ptr_equal(asks_find_due(&asks, 1000), soon);
	asks_drop(&asks, soon);
	assert_null(asks_find_due(&asks, 1999));
	assert_ptr_equal(asks_find_due(&asks, 2001), late);
	asks_finish(&asks);
}

static void the_first_that_is_too_late_tells_when(void **state)
{
	struct asks asks = { 0 };
	struct ask *soon;

	(void)state;
	assert_int_equal(asks_due_ms(&asks), 0);
	add(&asks, "1", 2000);
	assert_int_equal(asks_due_ms(&asks), 2000);
	soon = add(&asks, "2", 1000);
	add(&asks, "3", 3000);
	assert_int_equal(asks_due_ms(&asks), 1000);
	asks_drop(&asks, soon);
	assert_int_equal(asks_due_ms(&asks), 2000);
	asks_finish(&asks);
	assert_int_equal(asks_due_ms(&asks), 0);
}

static void a_dropped_ask_leaves_the_others(void **state)
{
	struct asks asks = { 0 };
	struct ask *asked[3];

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		asked[i] = add(&asks, "n", 1000);
		asked[i]->number = i + 1;
	}
	asks_drop(&asks, asked[1]);
	assert_int_equal(asks.count, 2);
	assert_ptr_equal(asks_find_number(&asks, 1), asked[0]);
	assert_null(asks_find_number(&asks, 2));
	assert_ptr_equal(asks_find_number(&asks, 3), asked[2]);
	asks_drop(&asks, asked[2]);
	asks_drop(&asks, asked[0]);
	assert_int_equal(asks.count, 0);
	assert_null(asks.first);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_ask_keeps_the_id_of_the_page),
		cmocka_unit_test(no_correlation_comes_twice),
		cmocka_unit_test(
		    a_response_is_matched_by_its_whole_correlation),
		cmocka_unit_test(
		    a_refusal_is_matched_by_the_number_of_its_publish),
		cmocka_unit_test(an_ask_is_too_late_from_its_moment_on),
		cmocka_unit_test(the_first_that_is_too_late_tells_when),
		cmocka_unit_test(a_dropped_ask_leaves_the_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
