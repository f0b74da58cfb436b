/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/subscriptions.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#define NOT_AUTHORISED 0x87
#define MOST 3

static const struct hash_seed seed = { { 1, 2 } };

static bool ask(struct subscriptions *subscriptions,
                struct subscribe *subscribe, size_t at, const char *filter)
{
	return subscriptions_ask(subscriptions, subscribe, at,
	                         slice_from_text(filter), MOST);
}

/* A SUBSCRIBE of one filter that waits for its SUBACK. */
static struct subscribe *wait_for(struct subscriptions *subscriptions,
                                  uint16_t packet_id, const char *filter)
{
	struct subscribe *subscribe = subscriptions_begin(packet_id, 1);

	assert_non_null(subscribe);
	assert_true(ask(subscriptions, subscribe, 0, filter));
	subscriptions_wait(subscriptions, subscribe);
	return subscribe;
}

static void answer_one(struct subscriptions *subscriptions,
                       struct subscribe *subscribe, uint8_t code)
{
	uint8_t all;

	assert_true(subscriptions_answer(subscriptions, subscribe,
	                                 (struct slice){ &code, 1 }, &all));
	assert_int_equal(all, code);
	subscriptions_drop(subscriptions, subscribe);
}

static void hold(struct subscriptions *subscriptions, const char *filter)
{
	answer_one(subscriptions, wait_for(subscriptions, 1, filter), 0);
}

static bool may_hold(struct subscriptions *subscriptions, const char *filter)
{
	struct subscribe *subscribe = subscriptions_begin(1, 1);
	bool is_held;

	assert_non_null(subscribe);
	is_held = ask(subscriptions, subscribe, 0, filter);
	subscriptions_drop(subscriptions, subscribe);
	return is_held;
}

static void expect_nothing_left(struct subscriptions *subscriptions)
{
	assert_null(subscriptions->pending);
	assert_int_equal(subscriptions->pending_count, 0);
	assert_null(subscriptions->held);
	assert_int_equal(subscriptions->held_count, 0);
}

static void refusals_come_back_in_their_places(void **state)
{
	struct subscriptions subscriptions = { .seed = &seed };
	struct subscribe *subscribe = subscriptions_begin(7, 4);
	const uint8_t codes[] = { 1, 2 };
	const uint8_t wanted[] = { NOT_AUTHORISED, 1, 0x97, 2 };
	uint8_t all[4];

	(void)state;
	assert_non_null(subscribe);
	subscriptions_refuse(subscribe, 0, NOT_AUTHORISED);
	assert_true(ask(&subscriptions, subscribe, 1, "a"));
	subscriptions_refuse(subscribe, 2, 0x97);
	assert_true(ask(&subscriptions, subscribe, 3, "b"));
	subscriptions_wait(&subscriptions, subscribe);

	assert_ptr_equal(subscriptions_find(&subscriptions, 7), subscribe);
	assert_null(subscriptions_find(&subscriptions, 8));
	assert_true(subscriptions_answer(&subscriptions, subscribe,
	                                 (struct slice){ codes, 2 }, all));
	assert_memory_equal(all, wanted, sizeof all);
	subscriptions_drop(&subscriptions, subscribe);
	assert_null(subscriptions_find(&subscriptions, 7));
	subscriptions_finish(&subscriptions);
}

static void an_answer_has_one_code_for_each_filter_asked(void **state)
{
	struct subscriptions subscriptions = { .seed = &seed };
	struct subscribe *subscribe = subscriptions_begin(7, 3);
	const uint8_t codes[] = { 0, 0, 0 };
	uint8_t all[3];

	(void)state;
	assert_non_null(subscribe);
	subscriptions_refuse(subscribe, 1, NOT_AUTHORISED);
	assert_true(ask(&subscriptions, subscribe, 0, "a"));
	assert_true(ask(&subscriptions, subscribe, 2, "b"));
	subscriptions_wait(&subscriptions, subscribe);
	assert_false(subscriptions_answer(&subscriptions, subscribe,
	                                  (struct slice){ codes, 1 }, all));
	assert_false(subscriptions_answer(&subscriptions, subscribe,
	                                  (struct slice){ codes, 3 }, all));
	assert_true(subscriptions_answer(&subscriptions, subscribe,
	                                 (struct slice){ codes, 2 }, all));
	subscriptions_finish(&subscriptions);
	expect_nothing_left(&subscriptions);
}

static void a_session_holds_so_many_filters(void **state)
{
	struct subscriptions subscriptions = { .seed = &seed };

	(void)state;
	hold(&subscriptions, "a");
	hold(&subscriptions, "b");
	hold(&subscriptions, "c");
	assert_false(may_hold(&subscriptions, "d"));
	assert_true(may_hold(&subscriptions, "b"));
	subscriptions_leave(&subscriptions, slice_from_text("b"));
	assert_true(may_hold(&subscriptions, "d"));
	assert_false(may_hold(&subscriptions, "b"));
	subscriptions_finish(&subscriptions);
}

static void what_was_asked_for_counts_before_it_is_answered(void **state)
{
	struct subscriptions subscriptions = { .seed = &seed };

	(void)state;
	(void)wait_for(&subscriptions, 1, "a");
	(void)wait_for(&subscriptions, 2, "b");
	(void)wait_for(&subscriptions, 3, "c");
	assert_false(may_hold(&subscriptions, "d"));
	subscriptions_finish(&subscriptions);
	expect_nothing_left(&subscriptions);
}

static void what_the_broker_refused_is_not_held(void **state)
{
	struct subscriptions subscriptions = { .seed = &seed };

	(void)state;
	hold(&subscriptions, "a");
	hold(&subscriptions, "b");
	answer_one(&subscriptions, wait_for(&subscriptions, 9, "c"), 0x80);
	assert_true(may_hold(&subscriptions, "d"));
	subscriptions_finish(&subscriptions);
}

static void a_held_filter_stays_when_asking_again_is_refused(void **state)
{
	struct subscriptions subscriptions = { .seed = &seed };

	(void)state;
	hold(&subscriptions, "a");
	hold(&subscriptions, "b");
	hold(&subscriptions, "c");
	answer_one(&subscriptions, wait_for(&subscriptions, 9, "a"), 0x80);
	assert_false(may_hold(&subscriptions, "d"));
	subscriptions_finish(&subscriptions);
}

static void without_a_limit_nothing_is_remembered(void **state)
{
	struct subscriptions subscriptions = { .seed = &seed };
	struct subscribe *subscribe = subscriptions_begin(1, 100);
	char filter[16];

	(void)state;
	assert_non_null(subscribe);
	for (size_t i = 0; i < 100; i++) {
		snprintf(filter, sizeof filter, "a/%zu", i);
		assert_true(subscriptions_ask(&subscriptions, subscribe, i,
		                              slice_from_text(filter), 0));
	}
	assert_int_equal(subscribe->asked, 100);
	assert_int_equal(subscriptions.held_count, 0);
	subscriptions_drop(&subscriptions, subscribe);
	expect_nothing_left(&subscriptions);
}

static void one_of_many_that_wait_is_taken_out(void **state)
{
	struct subscriptions subscriptions = { .seed = &seed };

	(void)state;
	for (uint16_t id = 1; id <= SUBSCRIPTIONS_PENDING; id++)
		(void)wait_for(&subscriptions, id, "a");
	assert_int_equal(subscriptions.pending_count, SUBSCRIPTIONS_PENDING);
	subscriptions_drop(&subscriptions,
	                   subscriptions_find(&subscriptions, 17));
	assert_int_equal(subscriptions.pending_count,
	                 SUBSCRIPTIONS_PENDING - 1);
	for (uint16_t id = 1; id <= SUBSCRIPTIONS_PENDING; id++)
		assert_int_equal(subscriptions_find(&subscriptions, id) != NULL,
		                 id != 17);
	subscriptions_finish(&subscriptions);
	expect_nothing_left(&subscriptions);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refusals_come_back_in_their_places),
		cmocka_unit_test(an_answer_has_one_code_for_each_filter_asked),
		cmocka_unit_test(a_session_holds_so_many_filters),
		cmocka_unit_test(
		    what_was_asked_for_counts_before_it_is_answered),
		cmocka_unit_test(what_the_broker_refused_is_not_held),
		cmocka_unit_test(
		    a_held_filter_stays_when_asking_again_is_refused),
		cmocka_unit_test(without_a_limit_nothing_is_remembered),
		cmocka_unit_test(one_of_many_that_wait_is_taken_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
