/* SPDX-License-Identifier: Apache-2.0 */
#include "page/losses.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static void count(struct losses *losses, const char *topic, uint64_t more)
{
	assert_true(losses_count(losses, slice_from_text(topic), more));
}

static void count_numbered(struct losses *losses, size_t number)
{
	char topic[16];

	(void)snprintf(topic, sizeof topic, "t/%zu", number);
	count(losses, topic, 1);
}

static void expect_taken(struct losses *losses, const char *topic,
                         uint64_t number)
{
	struct loss *loss = losses_take(losses);

	assert_non_null(loss);
	assert_true(
	    slice_is((struct slice){ loss->topic, loss->topic_len }, topic));
	assert_int_equal(loss->count, number);
	free(loss);
}

static void each_topic_has_a_count_of_its_own(void **state)
{
	struct losses losses = { 0 };

	(void)state;
	count(&losses, "a", 1);
	count(&losses, "a/b", 2);
	count(&losses, "a", 3);
	assert_int_equal(losses.topics, 2);
	expect_taken(&losses, "a", 4);
	expect_taken(&losses, "a/b", 2);
	assert_null(losses_take(&losses));
}

static void what_was_taken_is_counted_from_0_again(void **state)
{
	struct losses losses = { 0 };

	(void)state;
	count(&losses, "a", 5);
	expect_taken(&losses, "a", 5);
	assert_int_equal(losses.topics, 0);
	count(&losses, "a", 1);
	expect_taken(&losses, "a", 1);
}

static void topics_over_the_bound_are_counted_together(void **state)
{
	struct losses losses = { 0 };

	(void)state;
	for (size_t i = 0; i < LOSSES_TOPICS_MAX; i++)
		count_numbered(&losses, i);
	assert_int_equal(losses.topics, 64);
	count(&losses, "one more", 2);
	count(&losses, "and one more", 3);
	count(&losses, "t/63", 1);
	for (size_t i = 0; i < 63; i++)
		free(losses_take(&losses));
	expect_taken(&losses, "t/63", 2);
	expect_taken(&losses, "#", 5);
	assert_null(losses_take(&losses));
}

static void taken_topics_make_room_for_others(void **state)
{
	struct losses losses = { 0 };

	(void)state;
	for (size_t i = 0; i < LOSSES_TOPICS_MAX; i++)
		count_numbered(&losses, i);
	expect_taken(&losses, "t/0", 1);
	count(&losses, "new", 1);
	for (size_t i = 1; i < LOSSES_TOPICS_MAX; i++)
		free(losses_take(&losses));
	expect_taken(&losses, "new", 1);
	assert_null(losses_take(&losses));
}

static void what_is_not_taken_is_given_back(void **state)
{
	struct losses losses = { 0 };

	(void)state;
	count(&losses, "a", 1);
	count(&losses, "b", 1);
	losses_finish(&losses);
	assert_null(losses.first);
	assert_int_equal(losses.topics, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_topic_has_a_count_of_its_own),
		cmocka_unit_test(what_was_taken_is_counted_from_0_again),
		cmocka_unit_test(topics_over_the_bound_are_counted_together),
		cmocka_unit_test(taken_topics_make_room_for_others),
		cmocka_unit_test(what_is_not_taken_is_given_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
