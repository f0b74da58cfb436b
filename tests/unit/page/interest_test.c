/* SPDX-License-Identifier: Apache-2.0 */
#include "page/interest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MOST 100 /* octets that are held */

static struct interest *put(struct interests *interests, const char *filter,
                            uint32_t interval_ms)
{
	struct slice text = slice_from_text(filter);
	struct interest *interest;

	assert_true(
	    interests_put(interests, text, 1, JSON_FORM_AUTO, interval_ms));
	interest = interests_find(interests, text);
	assert_non_null(interest);
	return interest;
}

static struct interest *match(const struct interests *interests,
                              const char *topic)
{
	return interests_match(interests, slice_from_text(topic));
}

static struct message message_of(const char *topic, const char *payload)
{
	return (struct message){ .topic = slice_from_text(topic),
		                 .payload = slice_from_text(payload) };
}

static void expect_held(struct interest *interest, const char *topic,
                        const char *payload, size_t most)
{
	const struct message message = message_of(topic, payload);
	struct losses losses = { 0 };

	assert_true(interest_hold(interest, &message, most, &losses));
	assert_null(losses_take(&losses));
}

/* The one that goes for it. */
static void expect_replaced(struct interest *interest, const char *topic,
                            const char *payload, size_t most,
                            const char *lost_topic)
{
	const struct message message = message_of(topic, payload);
	struct losses losses = { 0 };
	struct loss *loss;

	assert_true(interest_hold(interest, &message, most, &losses));
	loss = losses_take(&losses);
	assert_non_null(loss);
	assert_true(slice_is((struct slice){ loss->topic, loss->topic_len },
	                     lost_topic));
	assert_int_equal(loss->count, 1);
	free(loss);
	assert_null(losses_take(&losses));
}

static void expect_taken(struct interest *interest, const char *topic,
                         const char *payload)
{
	struct interest_message *held = interest_take(interest);

	assert_non_null(held);
	assert_true(slice_is(held->message.topic, topic));
	assert_true(slice_is(held->message.payload, payload));
	free(held);
}

static void a_message_belongs_to_the_first_filter_it_is_in(void **state)
{
	struct interests interests = { 0 };
	struct interest *plain = put(&interests, "a/b", 0);
	struct interest *level = put(&interests, "a/+", 0);
	struct interest *rest = put(&interests, "a/#", 0);

	(void)state;
	assert_int_equal(interests.count, 3);
	assert_ptr_equal(match(&interests, "a/b"), plain);
	assert_ptr_equal(match(&interests, "a/c"), level);
	assert_ptr_equal(match(&interests, "a/c/d"), rest);
	assert_ptr_equal(match(&interests, "a"), rest);
	assert_null(match(&interests, "b"));
	assert_null(match(&interests, "$SYS/a"));
	interests_finish(&interests);
}

static void a_shared_filter_matches_without_its_group(void **state)
{
	struct interests interests = { 0 };
	struct interest *shared = put(&interests, "$share/g/a/+", 0);

	(void)state;
	assert_ptr_equal(match(&interests, "a/b"), shared);
	assert_null(match(&interests, "g/a/b"));
	assert_true(slice_is(shared->filter, "$share/g/a/+"));
	assert_null(interests_find(&interests, slice_from_text("a/+")));
	put(&interests, "a/+", 0);
	put(&interests, "$share/h/a/+", 0);
	assert_int_equal(interests.count, 3);
	interests_finish(&interests);
}

static void a_filter_is_copied(void **state)
{
	struct interests interests = { 0 };
	char filter[] = "a/+";

	(void)state;
	put(&interests, filter, 0);
	memset(filter, 'x', sizeof filter - 1);
	assert_non_null(match(&interests, "a/b"));
	assert_non_null(interests_find(&interests, slice_from_text("a/+")));
	interests_finish(&interests);
}

static void the_same_filter_again_takes_its_place(void **state)
{
	struct interests interests = { 0 };
	struct slice filter = slice_from_text("a/+");
	struct interest *interest;

	(void)state;
	assert_true(interests_put(&interests, filter, 0, JSON_FORM_AUTO, 1000));
	assert_true(interests_put(&interests, filter, 2, JSON_FORM_BASE64, 50));
	assert_int_equal(interests.count, 1);
	interest = match(&interests, "a/b");
	assert_non_null(interest);
	assert_int_equal(interest->qos, 2);
	assert_int_equal(interest->form, JSON_FORM_BASE64);
	assert_int_equal(interest->interval_ms, 50);
	interests_drop(&interests, filter);
	assert_null(match(&interests, "a/b"));
	assert_int_equal(interests.count, 0);
}

static void a_dropped_filter_leaves_the_others(void **state)
{
	struct interests interests = { 0 };
	struct interest *first = put(&interests, "a", 0);
	struct interest *second = put(&interests, "b", 1000);
	struct interest *third = put(&interests, "c", 0);

	(void)state;
	expect_held(second, "b", "1", MOST);
	interests_drop(&interests, slice_from_text("b"));
	interests_drop(&interests, slice_from_text("not there"));
	assert_int_equal(interests.count, 2);
	assert_ptr_equal(match(&interests, "a"), first);
	assert_null(match(&interests, "b"));
	assert_ptr_equal(match(&interests, "c"), third);
	interests_finish(&interests);
	assert_null(match(&interests, "a"));
	assert_int_equal(interests.count, 0);
}

static void without_a_rate_all_is_due(void **state)
{
	struct interests interests = { 0 };
	struct interest *interest = put(&interests, "a", 0);

	(void)state;
	for (uint64_t now_ms = 0; now_ms < 3; now_ms++) {
		assert_true(interest_is_due(interest, now_ms));
		assert_true(interest_is_due(interest, now_ms));
	}
	interests_finish(&interests);
}

static void with_a_rate_the_next_has_to_wait(void **state)
{
	struct interests interests = { 0 };
	struct interest *interest = put(&interests, "a", 100);

	(void)state;
	assert_true(interest_is_due(interest, 5000));
	assert_false(interest_is_due(interest, 5000));
	assert_false(interest_is_due(interest, 5099));
	assert_true(interest_is_due(interest, 5100));
	assert_false(interest_is_due(interest, 5199));
	assert_true(interest_is_due(interest, 7000));
	assert_false(interest_is_due(interest, 7099));
	interests_finish(&interests);
}

static void the_first_that_waits_tells_when(void **state)
{
	struct interests interests = { 0 };
	struct interest *none = put(&interests, "a", 10);
	struct interest *late = put(&interests, "b", 300);
	struct interest *soon = put(&interests, "c", 100);
	struct interest *other = put(&interests, "d", 200);

	(void)state;
	assert_true(interest_is_due(none, 1000));
	assert_true(interest_is_due(late, 1000));
	assert_true(interest_is_due(soon, 1000));
	assert_true(interest_is_due(other, 1000));
	assert_int_equal(interests_due_ms(&interests), 0);
	expect_held(late, "b", "1", MOST);
	assert_int_equal(interests_due_ms(&interests), 1300);
	expect_held(soon, "c", "1", MOST);
	assert_int_equal(interests_due_ms(&interests), 1100);
	expect_held(other, "d", "1", MOST);
	assert_int_equal(interests_due_ms(&interests), 1100);
	expect_taken(soon, "c", "1");
	assert_int_equal(interests_due_ms(&interests), 1200);
	expect_taken(other, "d", "1");
	assert_int_equal(interests_due_ms(&interests), 1300);
	expect_taken(late, "b", "1");
	assert_int_equal(interests_due_ms(&interests), 0);
	interests_finish(&interests);
}

static void a_held_message_owns_all_it_holds(void **state)
{
	struct interests interests = { 0 };
	struct interest *interest = put(&interests, "#", 100);
	char bytes[] = "t/x hello props";
	const uint8_t *at = (const uint8_t *)bytes;
	const struct message message = {
		.topic = { at, 3 },
		.payload = { at + 4, 5 },
		.properties = { at + 10, 5 },
		.qos = 1,
		.is_retained = true,
	};
	struct interest_message *held;
	struct losses losses = { 0 };

	(void)state;
	assert_true(interest_hold(interest, &message, MOST, &losses));
	memset(bytes, 'x', sizeof bytes);
	held = interest_take(interest);
	assert_non_null(held);
	assert_true(slice_is(held->message.topic, "t/x"));
	assert_true(slice_is(held->message.payload, "hello"));
	assert_true(slice_is(held->message.properties, "props"));
	assert_int_equal(held->message.qos, 1);
	assert_true(held->message.is_retained);
	free(held);
	interests_finish(&interests);
}

static void of_one_topic_the_newest_is_held(void **state)
{
	struct interests interests = { 0 };
	struct interest *interest = put(&interests, "#", 100);

	(void)state;
	expect_held(interest, "a", "1", MOST);
	expect_held(interest, "b", "1", MOST);
	expect_held(interest, "c", "1", MOST);
	expect_replaced(interest, "b", "2", MOST, "b");
	expect_replaced(interest, "c", "2", MOST, "c");
	expect_replaced(interest, "c", "3", MOST, "c");
	expect_held(interest, "d", "1", MOST);
	assert_int_equal(interest->held_bytes, 8);
	expect_taken(interest, "a", "1");
	expect_taken(interest, "b", "2");
	expect_taken(interest, "c", "3");
	expect_taken(interest, "d", "1");
	assert_null(interest_take(interest));
	assert_int_equal(interest->held_bytes, 0);
	interests_finish(&interests);
}

static void over_the_bound_the_oldest_is_lost(void **state)
{
	struct interests interests = { 0 };
	struct interest *interest = put(&interests, "#", 100);

	(void)state;
	expect_held(interest, "a", "1234", 10);
	expect_held(interest, "b", "1234", 10);
	expect_replaced(interest, "c", "1234", 10, "a");
	assert_int_equal(interest->held_bytes, 10);
	expect_replaced(interest, "d", "1", 10, "b");
	expect_held(interest, "e", "12", 10);
	expect_taken(interest, "c", "1234");
	expect_taken(interest, "d", "1");
	expect_taken(interest, "e", "12");
	assert_null(interest_take(interest));
	interests_finish(&interests);
}

/* Else a page would never see a topic whose messages are that large. */
static void one_alone_is_held_however_large(void **state)
{
	struct interests interests = { 0 };
	struct interest *interest = put(&interests, "#", 100);

	(void)state;
	expect_held(interest, "a", "longer than that", 10);
	expect_replaced(interest, "b", "1", 10, "a");
	expect_taken(interest, "b", "1");
	assert_null(interest_take(interest));
	interests_finish(&interests);
}

static void a_large_one_takes_the_room_of_several(void **state)
{
	struct interests interests = { 0 };
	struct interest *interest = put(&interests, "#", 100);
	const struct message large = message_of("d", "123456789");
	struct losses losses = { 0 };

	(void)state;
	expect_held(interest, "a", "12", 10);
	expect_held(interest, "b", "12", 10);
	expect_held(interest, "c", "12", 10);
	assert_true(interest_hold(interest, &large, 10, &losses));
	assert_int_equal(losses.topics, 3);
	losses_finish(&losses);
	assert_in_range(interest->held_bytes, 0, 10);
	interests_finish(&interests);
}

static void a_newer_one_of_a_topic_keeps_to_the_bound(void **state)
{
	struct interests interests = { 0 };
	struct interest *interest = put(&interests, "#", 100);
	const char *const topics[] = { "a", "b", "c", "d", "e" };
	struct losses losses = { 0 };

	(void)state;
	for (size_t i = 0; i < 5; i++)
		expect_held(interest, topics[i], "1", 10);
	for (size_t i = 0; i < 5; i++) {
		const struct message large = message_of(topics[i], "123456789");

		assert_true(interest_hold(interest, &large, 10, &losses));
	}
	losses_finish(&losses);
	assert_in_range(interest->held_bytes, 0, 10);
	interests_finish(&interests);
}

static void what_is_held_is_that_of_all_filters(void **state)
{
	struct interests interests = { 0 };
	struct interest *a = put(&interests, "a/#", 100);
	struct interest *b = put(&interests, "b/#", 100);

	(void)state;
	assert_int_equal(interests_held(&interests), 0);
	expect_held(a, "a/1", "12345", MOST);
	expect_held(a, "a/2", "12", MOST);
	expect_held(b, "b/1", "1234567", MOST);
	assert_int_equal(interests_held(&interests), 8 + 5 + 10);
	expect_taken(a, "a/1", "12345");
	assert_int_equal(interests_held(&interests), 5 + 10);
	interests_drop(&interests, slice_from_text("b/#"));
	assert_int_equal(interests_held(&interests), 5);
	interests_finish(&interests);
}

/* As the session does it: what others hold leaves less for this one. */
static bool hold_within(struct interests *interests, struct interest *interest,
                        const char *topic, struct losses *losses)
{
	const struct message message = message_of(topic, "1234567");

	return interest_hold(interest, &message, MOST, losses) &&
	       interests_trim(interests, interest, MOST, losses);
}

static size_t count_losses(struct losses *losses)
{
	struct loss *loss;
	size_t count = 0;

	while ((loss = losses_take(losses))) {
		count += loss->count;
		free(loss);
	}
	return count;
}

static void many_topics_of_many_filters_keep_to_the_bound(void **state)
{
	static const char *const topics[][4] = {
		{ "a/1", "a/2", "a/3", "a/4" },
		{ "b/1", "b/2", "b/3", "b/4" },
		{ "c/1", "c/2", "c/3", "c/4" },
		{ "d/1", "d/2", "d/3", "d/4" },
	};
	static const char *const filters[] = { "a/#", "b/#", "c/#", "d/#" };
	struct interests interests = { 0 };
	struct losses losses = { 0 };

	(void)state;
	for (size_t i = 0; i < 16; i++) {
		struct interest *interest = put(&interests, filters[i % 4], 1);

		assert_true(hold_within(&interests, interest,
		                        topics[i % 4][i / 4], &losses));
	}
	/* 16 of 10 octets, and 100 is the bound. */
	assert_in_range(interests_held(&interests), 10, MOST);
	assert_int_equal(count_losses(&losses),
	                 16 - interests_held(&interests) / 10);
	interests_finish(&interests);
}

static void without_room_a_filter_holds_its_newest(void **state)
{
	struct interests interests = { 0 };
	struct interest *interest = put(&interests, "#", 100);

	(void)state;
	expect_held(interest, "a", "1", 0);
	expect_replaced(interest, "b", "2", 0, "a");
	expect_replaced(interest, "c", "3", 0, "b");
	assert_int_equal(interests_held(&interests), 2);
	expect_taken(interest, "c", "3");
	interests_finish(&interests);
}

static void more_filters_than_the_bound_keep_to_it(void **state)
{
	static const char *const filters[] = { "a", "b", "c", "d", "e", "f",
		                               "g", "h", "i", "j", "k", "l",
		                               "m", "n", "o", "p" };
	struct interests interests = { 0 };
	struct losses losses = { 0 };

	(void)state;
	for (size_t i = 0; i < 16; i++) {
		struct interest *interest = put(&interests, filters[i], 1);

		assert_true(
		    hold_within(&interests, interest, filters[i], &losses));
	}
	assert_in_range(interests_held(&interests), 0, MOST);
	losses_finish(&losses);
	interests_finish(&interests);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(more_filters_than_the_bound_keep_to_it),
		cmocka_unit_test(
		    a_message_belongs_to_the_first_filter_it_is_in),
		cmocka_unit_test(a_shared_filter_matches_without_its_group),
		cmocka_unit_test(a_filter_is_copied),
		cmocka_unit_test(the_same_filter_again_takes_its_place),
		cmocka_unit_test(a_dropped_filter_leaves_the_others),
		cmocka_unit_test(without_a_rate_all_is_due),
		cmocka_unit_test(with_a_rate_the_next_has_to_wait),
		cmocka_unit_test(the_first_that_waits_tells_when),
		cmocka_unit_test(a_held_message_owns_all_it_holds),
		cmocka_unit_test(of_one_topic_the_newest_is_held),
		cmocka_unit_test(over_the_bound_the_oldest_is_lost),
		cmocka_unit_test(one_alone_is_held_however_large),
		cmocka_unit_test(a_large_one_takes_the_room_of_several),
		cmocka_unit_test(a_newer_one_of_a_topic_keeps_to_the_bound),
		cmocka_unit_test(what_is_held_is_that_of_all_filters),
		cmocka_unit_test(many_topics_of_many_filters_keep_to_the_bound),
		cmocka_unit_test(without_room_a_filter_holds_its_newest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
