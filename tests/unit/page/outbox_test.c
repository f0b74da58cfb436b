/* SPDX-License-Identifier: Apache-2.0 */
#include "page/outbox.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct request *publish(struct outbox *outbox, const char *topic,
                               const char *payload, uint8_t qos)
{
	const struct message message = {
		.topic = slice_from_text(topic),
		.payload = slice_from_text(payload),
		.qos = qos,
	};
	struct request *request =
	    outbox_put_publish(outbox, slice_from_text(""), &message);

	assert_non_null(request);
	return request;
}

/* The same, and it was sent. */
static struct request *sent(struct outbox *outbox, const char *topic,
                            const char *payload, uint8_t qos)
{
	struct request *request = publish(outbox, topic, payload, qos);

	outbox_mark_sent(outbox, request);
	return request;
}

static struct request *subscribe(struct outbox *outbox, enum request_kind kind)
{
	const struct client_filter filter = { slice_from_text("f/#"), 1 };
	struct request *request =
	    outbox_put_filters(outbox, kind, slice_from_text(""), &filter, 1);

	assert_non_null(request);
	return request;
}

static struct request *passed(struct outbox *outbox, const char *topic,
                              size_t payload)
{
	return outbox_passed(outbox, slice_from_text(topic), payload);
}

static struct request *refused(struct outbox *outbox, uint8_t qos,
                               const char *topic, size_t payload)
{
	return outbox_find_sent(outbox, qos, slice_from_text(topic), payload);
}

static void requests_are_sent_in_the_order_they_were_put(void **state)
{
	struct outbox outbox = { 0 };
	struct request *requests[3];

	(void)state;
	assert_null(outbox_next(&outbox));
	requests[0] = publish(&outbox, "a", "1", 0);
	requests[1] = subscribe(&outbox, REQUEST_SUBSCRIBE);
	requests[2] = publish(&outbox, "b", "2", 1);
	for (size_t i = 0; i < 3; i++) {
		assert_ptr_equal(outbox_next(&outbox), requests[i]);
		outbox_mark_sent(&outbox, requests[i]);
		assert_int_equal(requests[i]->state, REQUEST_SENT);
		assert_int_equal(outbox.under_way, i + 1);
	}
	assert_null(outbox_next(&outbox));
	outbox_finish(&outbox);
}

static void a_publish_owns_all_it_holds(void **state)
{
	struct outbox outbox = { 0 };
	char bytes[] = "tag t/x hello props";
	const uint8_t *at = (const uint8_t *)bytes;
	const struct message message = {
		.topic = { at + 4, 3 },
		.payload = { at + 8, 5 },
		.properties = { at + 14, 5 },
		.qos = 2,
		.is_retained = true,
	};
	struct request *request =
	    outbox_put_publish(&outbox, (struct slice){ at, 3 }, &message);

	(void)state;
	assert_non_null(request);
	memset(bytes, 'x', sizeof bytes);
	assert_int_equal(request->kind, REQUEST_PUBLISH);
	assert_int_equal(request->state, REQUEST_WAITING);
	assert_true(slice_is(request->tag, "tag"));
	assert_true(slice_is(request->message.topic, "t/x"));
	assert_true(slice_is(request->message.payload, "hello"));
	assert_true(slice_is(request->message.properties, "props"));
	assert_int_equal(request->message.qos, 2);
	assert_true(request->message.is_retained);
	outbox_finish(&outbox);
}

static void filters_own_all_they_hold(void **state)
{
	struct outbox outbox = { 0 };
	char bytes[] = "tag a/# b/+/c";
	const uint8_t *at = (const uint8_t *)bytes;
	struct client_filter filters[] = {
		{ { at + 4, 3 }, 2 },
		{ { at + 8, 5 }, 0 },
	};
	struct request *request = outbox_put_filters(
	    &outbox, REQUEST_UNSUBSCRIBE, (struct slice){ at, 3 }, filters, 2);

	(void)state;
	assert_non_null(request);
	memset(bytes, 'x', sizeof bytes);
	memset(filters, 0, sizeof filters);
	assert_int_equal(request->kind, REQUEST_UNSUBSCRIBE);
	assert_true(slice_is(request->tag, "tag"));
	assert_int_equal(request->filter_count, 2);
	assert_true(slice_is(request->filters[0].filter, "a/#"));
	assert_int_equal(request->filters[0].qos, 2);
	assert_true(slice_is(request->filters[1].filter, "b/+/c"));
	assert_int_equal(request->filters[1].qos, 0);
	outbox_finish(&outbox);
}

static void each_is_found_by_a_number_of_its_own(void **state)
{
	struct outbox outbox = { 0 };
	struct request *first = publish(&outbox, "a", "", 0);
	struct request *second = publish(&outbox, "a", "", 0);
	uint64_t number = first->number;

	(void)state;
	assert_int_not_equal(number, 0);
	assert_null(outbox_find(&outbox, 0));
	assert_ptr_equal(outbox_find(&outbox, number), first);
	assert_ptr_equal(outbox_find(&outbox, second->number), second);
	outbox_drop(&outbox, first);
	assert_null(outbox_find(&outbox, number));
	assert_int_not_equal(publish(&outbox, "a", "", 0)->number, number);
	outbox_finish(&outbox);
}

static void it_counts_what_is_in_it(void **state)
{
	struct outbox outbox = { 0 };
	struct request *small = publish(&outbox, "a", "", 0);
	struct request *large = publish(&outbox, "a", "0123456789", 0);
	struct request *filters = subscribe(&outbox, REQUEST_SUBSCRIBE);

	(void)state;
	assert_int_equal(outbox.count, 3);
	assert_int_equal(outbox.publishes, 2);
	assert_int_equal(large->size, small->size + 10);
	assert_true(small->size > sizeof *small);
	assert_true(filters->size >=
	            sizeof *filters + sizeof(struct client_filter) + 3);
	assert_int_equal(outbox.bytes,
	                 small->size + large->size + filters->size);
	outbox_drop(&outbox, filters);
	assert_int_equal(outbox.count, 2);
	assert_int_equal(outbox.publishes, 2);
	assert_int_equal(outbox.bytes, small->size + large->size);
	outbox_drop(&outbox, large);
	assert_int_equal(outbox.publishes, 1);
	assert_int_equal(outbox.bytes, small->size);
	outbox_finish(&outbox);
	assert_int_equal(outbox.count, 0);
	assert_int_equal(outbox.publishes, 0);
	assert_int_equal(outbox.bytes, 0);
}

static void it_counts_what_is_under_way(void **state)
{
	struct outbox outbox = { 0 };
	struct request *first = sent(&outbox, "a", "", 0);
	struct request *second = sent(&outbox, "a", "", 1);

	(void)state;
	assert_int_equal(outbox.under_way, 2);
	second->state = REQUEST_WRITTEN;
	outbox_mark_waiting(&outbox, second);
	outbox_mark_waiting(&outbox, second);
	assert_int_equal(outbox.under_way, 1);
	outbox_drop(&outbox, second);
	assert_int_equal(outbox.under_way, 1);
	outbox_drop(&outbox, first);
	assert_int_equal(outbox.under_way, 0);
}

static void what_waits_again_is_sent_before_what_is_newer(void **state)
{
	struct outbox outbox = { 0 };
	struct request *first = sent(&outbox, "a", "", 1);
	struct request *second = publish(&outbox, "a", "", 1);

	(void)state;
	assert_ptr_equal(outbox_next(&outbox), second);
	outbox_mark_waiting(&outbox, first);
	assert_ptr_equal(outbox_next(&outbox), first);
	outbox_finish(&outbox);
}

static void the_place_of_what_is_dropped_closes(void **state)
{
	struct outbox outbox = { 0 };
	struct request *first = publish(&outbox, "1", "", 0);
	struct request *second = publish(&outbox, "2", "", 0);
	struct request *third = publish(&outbox, "3", "", 0);
	struct request *fourth;

	(void)state;
	outbox_drop(&outbox, third);
	fourth = publish(&outbox, "4", "", 0);
	assert_ptr_equal(second->next, fourth);
	outbox_drop(&outbox, second);
	assert_ptr_equal(first->next, fourth);
	assert_null(fourth->next);
	outbox_drop(&outbox, first);
	outbox_drop(&outbox, fourth);
	assert_null(outbox_next(&outbox));
	first = publish(&outbox, "5", "", 0);
	assert_ptr_equal(outbox_next(&outbox), first);
	outbox_finish(&outbox);
}

static void what_is_in_a_hurry_goes_to_the_front(void **state)
{
	struct outbox outbox = { 0 };
	struct request *first = publish(&outbox, "1", "", 0);
	struct request *second = publish(&outbox, "2", "", 0);
	struct request *hurried = subscribe(&outbox, REQUEST_SUBSCRIBE);
	struct request *last;

	(void)state;
	outbox_hurry(&outbox, hurried);
	last = publish(&outbox, "3", "", 0);
	assert_ptr_equal(outbox.first, hurried);
	assert_ptr_equal(hurried->next, first);
	assert_ptr_equal(first->next, second);
	assert_ptr_equal(second->next, last);
	assert_null(last->next);
	assert_int_equal(outbox.count, 4);
	outbox_finish(&outbox);
}

static void a_hurry_alone_changes_nothing(void **state)
{
	struct outbox outbox = { 0 };
	struct request *hurried = subscribe(&outbox, REQUEST_SUBSCRIBE);
	struct request *next;

	(void)state;
	outbox_hurry(&outbox, hurried);
	next = publish(&outbox, "1", "", 0);
	assert_ptr_equal(outbox.first, hurried);
	assert_ptr_equal(hurried->next, next);
	assert_null(next->next);
	outbox_finish(&outbox);
}

static void what_passed_is_found_by_topic_and_size(void **state)
{
	struct outbox outbox = { 0 };
	struct request *first = sent(&outbox, "a", "12", 0);
	struct request *second = sent(&outbox, "b", "12", 0);

	(void)state;
	second->state = REQUEST_WRITTEN;
	assert_null(passed(&outbox, "a", 1));
	assert_null(passed(&outbox, "c", 2));
	assert_int_equal(outbox.under_way, 2);
	assert_ptr_equal(passed(&outbox, "a", 2), first);
	outbox_drop(&outbox, first);
	assert_ptr_equal(passed(&outbox, "b", 2), second);
	outbox_finish(&outbox);
}

static void of_equals_the_one_that_was_sent_first_passed(void **state)
{
	struct outbox outbox = { 0 };
	struct request *first = publish(&outbox, "a", "1", 0);
	struct request *second = publish(&outbox, "a", "2", 0);

	(void)state;
	outbox_mark_sent(&outbox, second);
	assert_ptr_equal(passed(&outbox, "a", 1), second);
	outbox_mark_sent(&outbox, first);
	assert_ptr_equal(passed(&outbox, "a", 1), second);
	outbox_drop(&outbox, second);
	assert_ptr_equal(passed(&outbox, "a", 1), first);
	outbox_finish(&outbox);
}

static void only_qos_0_that_is_under_way_can_pass(void **state)
{
	struct outbox outbox = { 0 };

	(void)state;
	publish(&outbox, "a", "1", 0);
	sent(&outbox, "a", "1", 1);
	sent(&outbox, "a", "1", 2);
	outbox_mark_sent(&outbox, subscribe(&outbox, REQUEST_SUBSCRIBE));
	assert_null(passed(&outbox, "a", 1));
	assert_null(passed(&outbox, "", 0));
	assert_int_equal(outbox.under_way, 3);
	outbox_finish(&outbox);
}

static void what_was_sent_before_and_did_not_pass_waits_again(void **state)
{
	struct outbox outbox = { 0 };
	struct request *lost = sent(&outbox, "1", "", 0);
	struct request *written = sent(&outbox, "2", "", 0);
	struct request *answered = sent(&outbox, "3", "", 1);
	struct request *filters = subscribe(&outbox, REQUEST_SUBSCRIBE);
	struct request *later = publish(&outbox, "5", "", 0);
	struct request *found;

	(void)state;
	written->state = REQUEST_WRITTEN;
	outbox_mark_sent(&outbox, filters);
	found = sent(&outbox, "4", "", 0);
	outbox_mark_sent(&outbox, later);
	assert_ptr_equal(passed(&outbox, "4", 0), found);
	assert_int_equal(lost->state, REQUEST_WAITING);
	assert_int_equal(written->state, REQUEST_WAITING);
	assert_int_equal(answered->state, REQUEST_SENT);
	assert_int_equal(filters->state, REQUEST_SENT);
	assert_int_equal(found->state, REQUEST_SENT);
	assert_int_equal(later->state, REQUEST_SENT);
	assert_int_equal(outbox.under_way, 4);
	assert_ptr_equal(outbox_next(&outbox), lost);
	outbox_finish(&outbox);
}

static void what_was_refused_is_the_first_sent_that_looks_like_it(void **state)
{
	struct outbox outbox = { 0 };
	struct request *other = sent(&outbox, "a", "1", 1);
	struct request *second = publish(&outbox, "a", "2", 2);
	struct request *first = sent(&outbox, "a", "3", 2);

	(void)state;
	outbox_mark_sent(&outbox, second);
	assert_null(refused(&outbox, 0, "a", 1));
	assert_null(refused(&outbox, 2, "a", 2));
	assert_null(refused(&outbox, 2, "b", 1));
	assert_ptr_equal(refused(&outbox, 1, "a", 1), other);
	assert_ptr_equal(refused(&outbox, 2, "a", 1), first);
	assert_int_equal(outbox.under_way, 3);
	outbox_drop(&outbox, first);
	assert_ptr_equal(refused(&outbox, 2, "a", 1), second);
	outbox_mark_waiting(&outbox, second);
	assert_null(refused(&outbox, 2, "a", 1));
	outbox_finish(&outbox);
}

static void with_its_connection_what_nobody_will_answer_is_lost(void **state)
{
	struct outbox outbox = { 0 };
	struct request *waiting = publish(&outbox, "a", "", 0);
	struct request *with_client = sent(&outbox, "a", "", 0);
	struct request *written = sent(&outbox, "a", "", 0);
	struct request *repeated = sent(&outbox, "a", "", 2);
	struct request *subscribed = subscribe(&outbox, REQUEST_SUBSCRIBE);
	struct request *unsubscribed = subscribe(&outbox, REQUEST_UNSUBSCRIBE);

	(void)state;
	written->state = REQUEST_WRITTEN;
	outbox_mark_sent(&outbox, subscribed);
	outbox_mark_sent(&outbox, unsubscribed);
	assert_int_equal(outbox.under_way, 5);
	outbox_lost(&outbox);
	assert_int_equal(waiting->state, REQUEST_WAITING);
	assert_int_equal(with_client->state, REQUEST_SENT);
	assert_int_equal(written->state, REQUEST_WAITING);
	assert_int_equal(repeated->state, REQUEST_SENT);
	assert_int_equal(subscribed->state, REQUEST_WAITING);
	assert_int_equal(unsubscribed->state, REQUEST_WAITING);
	assert_int_equal(outbox.under_way, 2);
	outbox_finish(&outbox);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(requests_are_sent_in_the_order_they_were_put),
		cmocka_unit_test(a_publish_owns_all_it_holds),
		cmocka_unit_test(filters_own_all_they_hold),
		cmocka_unit_test(each_is_found_by_a_number_of_its_own),
		cmocka_unit_test(it_counts_what_is_in_it),
		cmocka_unit_test(it_counts_what_is_under_way),
		cmocka_unit_test(what_waits_again_is_sent_before_what_is_newer),
		cmocka_unit_test(the_place_of_what_is_dropped_closes),
		cmocka_unit_test(what_is_in_a_hurry_goes_to_the_front),
		cmocka_unit_test(a_hurry_alone_changes_nothing),
		cmocka_unit_test(what_passed_is_found_by_topic_and_size),
		cmocka_unit_test(of_equals_the_one_that_was_sent_first_passed),
		cmocka_unit_test(only_qos_0_that_is_under_way_can_pass),
		cmocka_unit_test(
		    what_was_sent_before_and_did_not_pass_waits_again),
		cmocka_unit_test(
		    what_was_refused_is_the_first_sent_that_looks_like_it),
		cmocka_unit_test(
		    with_its_connection_what_nobody_will_answer_is_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
