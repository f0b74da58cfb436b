/* SPDX-License-Identifier: Apache-2.0 */
#include "session/chatter.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define PACKET(octets)                                                         \
	((struct slice){ (const uint8_t *)(octets), sizeof(octets) - 1 })

/* PUBLISH of t/x, packet id 0x1234, "hi", without its payload. */
#define QOS_0 PACKET("\x30\x07\x00\x03t/x")
#define QOS_1 PACKET("\x32\x09\x00\x03t/x\x12\x34")
#define QOS_1_AGAIN PACKET("\x3a\x09\x00\x03t/x\x12\x34")
#define QOS_2 PACKET("\x34\x09\x00\x03t/x\x12\x34")
#define QOS_2_AGAIN PACKET("\x3c\x09\x00\x03t/x\x12\x34")
#define OTHER_AGAIN PACKET("\x3a\x09\x00\x03t/x\x12\x35")
#define QOS_1_5 PACKET("\x32\x0a\x00\x03t/x\x12\x34\x00")
#define QOS_1_AGAIN_5 PACKET("\x3a\x0a\x00\x03t/x\x12\x34\x00")
#define QOS_2_5 PACKET("\x34\x0a\x00\x03t/x\x12\x34\x00")
#define QOS_2_AGAIN_5 PACKET("\x3c\x0a\x00\x03t/x\x12\x34\x00")

#define PUBACK PACKET("\x40\x02\x12\x34")
#define PUBREC PACKET("\x50\x02\x12\x34")
#define PUBCOMP PACKET("\x70\x02\x12\x34")

static void expect_passes(struct chatter *chatter, struct slice head,
                          uint8_t level)
{
	assert_false(chatter_is(chatter, head, level));
}

static void expect_left_out(struct chatter *chatter, struct slice head,
                            uint8_t level)
{
	assert_true(chatter_is(chatter, head, level));
}

static void a_disconnect_is_left_out(void **state)
{
	struct chatter chatter = { 0 };

	(void)state;
	expect_left_out(&chatter, PACKET("\xe0\x00"), 4);
	expect_left_out(&chatter, PACKET("\xe0\x00"), 5);
	expect_left_out(&chatter, PACKET("\xe0\x02\x04\x00"), 5);
}

static void what_else_it_says_is_heard(void **state)
{
	struct chatter chatter = { 0 };

	(void)state;
	expect_passes(&chatter, PACKET("\x82\x06\x00\x01\x00\x01#\x00"), 4);
	expect_passes(&chatter, PACKET("\xa2\x05\x00\x02\x00\x01#"), 4);
	expect_passes(&chatter, PUBACK, 4);
	expect_passes(&chatter, PACKET("\x62\x02\x12\x34"), 4);
	expect_passes(&chatter, PACKET("\xc0\x00"), 4);
	assert_int_equal(chatter.under_way.count, 0);
}

static void a_repeat_is_left_out_where_the_message_was_seen(void **state)
{
	struct chatter chatter = { 0 };

	(void)state;
	expect_passes(&chatter, QOS_1, 4);
	expect_left_out(&chatter, QOS_1_AGAIN, 4);
	expect_left_out(&chatter, QOS_1_AGAIN, 4);
	expect_passes(&chatter, OTHER_AGAIN, 4);
	chatter_finish(&chatter);
	expect_passes(&chatter, QOS_2, 4);
	expect_left_out(&chatter, QOS_2_AGAIN, 4);
	chatter_finish(&chatter);
	expect_passes(&chatter, QOS_1_5, 5);
	expect_left_out(&chatter, QOS_1_AGAIN_5, 5);
	chatter_finish(&chatter);
}

static void a_new_connection_hears_a_repeat_once(void **state)
{
	struct chatter before = { 0 };
	struct chatter chatter = { 0 };

	(void)state;
	expect_passes(&before, QOS_1, 4);
	expect_passes(&chatter, QOS_1_AGAIN, 4);
	expect_left_out(&chatter, QOS_1_AGAIN, 4);
	chatter_finish(&before);
	chatter_finish(&chatter);
}

/* Only DUP makes it a repeat [MQTT5 3.3.1.1]. */
static void a_message_that_is_no_repeat_passes(void **state)
{
	struct chatter chatter = { 0 };

	(void)state;
	expect_passes(&chatter, QOS_1, 4);
	expect_passes(&chatter, QOS_1, 4);
	expect_passes(&chatter, QOS_0, 4);
	expect_passes(&chatter, QOS_0, 4);
	assert_int_equal(chatter.under_way.count, 1);
	chatter_finish(&chatter);
}

static void its_last_answer_ends_a_message(void **state)
{
	struct chatter chatter = { 0 };

	(void)state;
	expect_passes(&chatter, QOS_1, 4);
	chatter_answered(&chatter, PUBACK, 4);
	assert_int_equal(chatter.under_way.count, 0);
	expect_passes(&chatter, QOS_1_AGAIN, 4);
	chatter_answered(&chatter, PUBACK, 4);
	expect_passes(&chatter, QOS_2, 4);
	chatter_answered(&chatter, PUBREC, 4);
	expect_left_out(&chatter, QOS_2_AGAIN, 4);
	chatter_answered(&chatter, PUBCOMP, 4);
	expect_passes(&chatter, QOS_2_AGAIN, 4);
	chatter_finish(&chatter);
}

static void a_pubrec_that_refuses_ends_a_message(void **state)
{
	struct chatter chatter = { 0 };

	(void)state;
	expect_passes(&chatter, QOS_2_5, 5);
	/* No Matching Subscribers is a success. */
	chatter_answered(&chatter, PACKET("\x50\x03\x12\x34\x10"), 5);
	expect_left_out(&chatter, QOS_2_AGAIN_5, 5);
	chatter_answered(&chatter, PACKET("\x50\x03\x12\x34\x87"), 5);
	assert_int_equal(chatter.under_way.count, 0);
	expect_passes(&chatter, QOS_2_AGAIN_5, 5);
	chatter_finish(&chatter);
}

/* A PUBREL or a message of the broker has an id of the broker's. */
static void only_an_answer_ends_a_message(void **state)
{
	struct chatter chatter = { 0 };

	(void)state;
	expect_passes(&chatter, QOS_1, 4);
	chatter_answered(&chatter, PACKET("\x40\x02\x12\x35"), 4);
	chatter_answered(&chatter, PACKET("\x40\x01\x12"), 4);
	chatter_answered(&chatter, PACKET("\x62\x02\x12\x34"), 4);
	chatter_answered(&chatter, QOS_1, 4);
	chatter_answered(&chatter, PACKET("\x90\x03\x12\x34\x00"), 4);
	chatter_answered(&chatter, PACKET("\xb0\x02\x12\x34"), 4);
	expect_left_out(&chatter, QOS_1_AGAIN, 4);
	chatter_finish(&chatter);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_disconnect_is_left_out),
		cmocka_unit_test(what_else_it_says_is_heard),
		cmocka_unit_test(
		    a_repeat_is_left_out_where_the_message_was_seen),
		cmocka_unit_test(a_new_connection_hears_a_repeat_once),
		cmocka_unit_test(a_message_that_is_no_repeat_passes),
		cmocka_unit_test(its_last_answer_ends_a_message),
		cmocka_unit_test(a_pubrec_that_refuses_ends_a_message),
		cmocka_unit_test(only_an_answer_ends_a_message),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
