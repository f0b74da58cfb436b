/* SPDX-License-Identifier: Apache-2.0 */
#include "page/inbox.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MOST 10 /* octets */

/* A message of QoS 0. */
static void put(struct inbox *inbox, const char *topic, const char *frame)
{
	assert_true(inbox_put(inbox, slice_from_text(frame), true, true,
	                      slice_from_text(topic)));
}

/* What must not be lost. */
static void put_kept(struct inbox *inbox, const char *topic, const char *frame)
{
	assert_true(inbox_put(inbox, slice_from_text(frame), true, false,
	                      slice_from_text(topic)));
}

static void expect_taken(struct inbox *inbox, const char *wanted)
{
	struct inbox_frame *frame = inbox_take(inbox);

	assert_non_null(frame);
	assert_int_equal(frame->len, strlen(wanted));
	assert_memory_equal(frame->bytes + INBOX_HEADROOM, wanted, frame->len);
	free(frame);
}

static void expect_empty(struct inbox *inbox)
{
	assert_true(inbox_is_empty(inbox));
	assert_null(inbox_take(inbox));
	assert_int_equal(inbox->bytes, 0);
	assert_int_equal(inbox->bytes_kept, 0);
}

static void expect_lost(struct inbox *inbox, const char *topic, uint64_t count)
{
	struct loss *loss = losses_take(&inbox->losses);

	assert_non_null(loss);
	assert_true(
	    slice_is((struct slice){ loss->topic, loss->topic_len }, topic));
	assert_int_equal(loss->count, count);
	free(loss);
}

static void expect_no_loss(struct inbox *inbox)
{
	assert_null(losses_take(&inbox->losses));
}

static void frames_come_out_in_the_order_they_went_in(void **state)
{
	struct inbox inbox = { .most = MOST };

	(void)state;
	assert_true(inbox_is_empty(&inbox));
	put(&inbox, "a", "one");
	put_kept(&inbox, "", "two");
	assert_false(inbox_is_empty(&inbox));
	expect_taken(&inbox, "one");
	put(&inbox, "a", "six");
	expect_taken(&inbox, "two");
	expect_taken(&inbox, "six");
	expect_empty(&inbox);
	put(&inbox, "a", "last");
	expect_taken(&inbox, "last");
	expect_no_loss(&inbox);
}

static void a_frame_is_copied_and_has_room_in_front(void **state)
{
	struct inbox inbox = { .most = MOST };
	char bytes[] = "abc";
	struct inbox_frame *frame;

	(void)state;
	assert_true(inbox_put(&inbox, slice_from_text(bytes), false, true,
	                      slice_from_text("t")));
	memset(bytes, 'x', sizeof bytes);
	frame = inbox_take(&inbox);
	assert_non_null(frame);
	assert_false(frame->is_text);
	memset(frame->bytes, 0xff, INBOX_HEADROOM);
	assert_int_equal(frame->len, 3);
	assert_memory_equal(frame->bytes + INBOX_HEADROOM, "abc", 3);
	free(frame);
	put(&inbox, "t", "text");
	frame = inbox_take(&inbox);
	assert_non_null(frame);
	assert_true(frame->is_text);
	free(frame);
}

static void nothing_is_lost_up_to_the_bound(void **state)
{
	struct inbox inbox = { .most = MOST };

	(void)state;
	put(&inbox, "a", "12345");
	put(&inbox, "a", "67890");
	expect_taken(&inbox, "12345");
	expect_taken(&inbox, "67890");
	expect_no_loss(&inbox);
}

static void what_a_newer_one_is_behind_goes_first(void **state)
{
	struct inbox inbox = { .most = MOST };

	(void)state;
	put(&inbox, "a", "a1");
	put(&inbox, "b", "b1");
	put(&inbox, "b", "b2");
	put(&inbox, "c", "c1");
	put(&inbox, "b", "b3");
	put(&inbox, "c", "c2");
	expect_lost(&inbox, "b", 1);
	expect_no_loss(&inbox);
	put(&inbox, "d", "d1");
	expect_lost(&inbox, "b", 1);
	put(&inbox, "e", "e1");
	expect_lost(&inbox, "c", 1);
	expect_no_loss(&inbox);
	expect_taken(&inbox, "a1");
	expect_taken(&inbox, "b3");
	expect_taken(&inbox, "c2");
	expect_taken(&inbox, "d1");
	expect_taken(&inbox, "e1");
	expect_empty(&inbox);
}

static void the_newest_of_each_topic_is_kept(void **state)
{
	struct inbox inbox = { .most = MOST };
	char frame[] = "a0";

	(void)state;
	for (char i = '0'; i <= '9'; i++) {
		frame[1] = i;
		for (char topic = 'a'; topic <= 'c'; topic++) {
			frame[0] = topic;
			put(&inbox, (const char[]){ topic, '\0' }, frame);
		}
	}
	expect_taken(&inbox, "b8");
	expect_taken(&inbox, "c8");
	expect_taken(&inbox, "a9");
	expect_taken(&inbox, "b9");
	expect_taken(&inbox, "c9");
	expect_empty(&inbox);
	expect_lost(&inbox, "a", 9);
	expect_lost(&inbox, "b", 8);
	expect_lost(&inbox, "c", 8);
	expect_no_loss(&inbox);
}

static void else_the_oldest_goes(void **state)
{
	struct inbox inbox = { .most = MOST };

	(void)state;
	put_kept(&inbox, "", "k");
	put(&inbox, "a", "aaa");
	put(&inbox, "b", "bbb");
	put(&inbox, "c", "ccc");
	expect_no_loss(&inbox);
	put(&inbox, "d", "d");
	expect_lost(&inbox, "a", 1);
	put(&inbox, "e", "eeeeeee");
	expect_lost(&inbox, "b", 1);
	expect_lost(&inbox, "c", 1);
	expect_no_loss(&inbox);
	expect_taken(&inbox, "k");
	expect_taken(&inbox, "d");
	expect_taken(&inbox, "eeeeeee");
	expect_empty(&inbox);
}

static void what_may_not_be_lost_never_is(void **state)
{
	struct inbox inbox = { .most = MOST };

	(void)state;
	put_kept(&inbox, "t", "123456");
	put(&inbox, "t", "gone");
	put_kept(&inbox, "t", "7890ab");
	expect_lost(&inbox, "t", 1);
	expect_no_loss(&inbox);
	assert_int_equal(inbox.bytes, 12);
	put_kept(&inbox, "t", "c");
	expect_taken(&inbox, "123456");
	expect_taken(&inbox, "7890ab");
	expect_taken(&inbox, "c");
	expect_empty(&inbox);
	expect_no_loss(&inbox);
}

/* What goes is the last in the queue: the next has to find its place. */
static void where_there_is_no_room_a_message_goes_at_once(void **state)
{
	struct inbox inbox = { .most = MOST };

	(void)state;
	put_kept(&inbox, "", "1234567890");
	put(&inbox, "a", "a");
	expect_lost(&inbox, "a", 1);
	put_kept(&inbox, "", "b");
	expect_taken(&inbox, "1234567890");
	expect_taken(&inbox, "b");
	expect_empty(&inbox);
	put(&inbox, "a", "longer than all");
	expect_lost(&inbox, "a", 1);
	expect_empty(&inbox);
	put(&inbox, "a", "short");
	expect_taken(&inbox, "short");
}

/* The other way round it could never be read again. */
static void only_what_must_be_kept_makes_it_heavy(void **state)
{
	struct inbox inbox = { .most = MOST };

	(void)state;
	put(&inbox, "a", "1234567890");
	assert_false(inbox_is_heavy(&inbox));
	put_kept(&inbox, "", "12345");
	assert_false(inbox_is_heavy(&inbox));
	put_kept(&inbox, "", "6");
	assert_true(inbox_is_heavy(&inbox));
	expect_taken(&inbox, "12345");
	assert_false(inbox_is_heavy(&inbox));
	inbox_finish(&inbox);
}

static void what_is_not_taken_is_given_back(void **state)
{
	struct inbox inbox = { .most = MOST };

	(void)state;
	put(&inbox, "a", "123456");
	put(&inbox, "a", "7890ab");
	put_kept(&inbox, "", "k");
	inbox_finish(&inbox);
	expect_empty(&inbox);
	expect_no_loss(&inbox);
}

static void a_newer_one_of_any_qos_is_newer(void **state)
{
	struct inbox inbox = { .most = MOST };

	(void)state;
	put(&inbox, "a", "aaaa");
	put(&inbox, "b", "old");
	put_kept(&inbox, "b", "new");
	put(&inbox, "c", "c");
	expect_lost(&inbox, "b", 1);
	expect_no_loss(&inbox);
	inbox_finish(&inbox);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_come_out_in_the_order_they_went_in),
		cmocka_unit_test(a_frame_is_copied_and_has_room_in_front),
		cmocka_unit_test(nothing_is_lost_up_to_the_bound),
		cmocka_unit_test(what_a_newer_one_is_behind_goes_first),
		cmocka_unit_test(the_newest_of_each_topic_is_kept),
		cmocka_unit_test(else_the_oldest_goes),
		cmocka_unit_test(what_may_not_be_lost_never_is),
		cmocka_unit_test(where_there_is_no_room_a_message_goes_at_once),
		cmocka_unit_test(only_what_must_be_kept_makes_it_heavy),
		cmocka_unit_test(what_is_not_taken_is_given_back),
		cmocka_unit_test(a_newer_one_of_any_qos_is_newer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
