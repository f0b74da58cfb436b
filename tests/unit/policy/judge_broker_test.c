/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the broker sends: deliveries that are withheld, CONNACK, and all that
 * passes unread (origin-and-acl.md 6.4, 6.5).
 */
#include "policy/judge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "trial.h"

/* Topic z/x, packet id 0x1234, payload "hi": in MQTT 3, and in MQTT 5. */
#define QOS_0 PACKET("\x30\x07\x00\x03z/xhi")
#define QOS_1 PACKET("\x32\x09\x00\x03z/x\x12\x34hi")
#define QOS_2 PACKET("\x34\x09\x00\x03z/x\x12\x34hi")
#define QOS_2_AGAIN PACKET("\x3c\x09\x00\x03z/x\x12\x34hi")
#define QOS_0_5 PACKET("\x30\x08\x00\x03z/x\x00hi")
#define QOS_1_5 PACKET("\x32\x0a\x00\x03z/x\x12\x34\x00hi")
#define QOS_2_5 PACKET("\x34\x0a\x00\x03z/x\x12\x34\x00hi")
#define PUBREL PACKET("\x62\x02\x12\x34")

/* An alias without and with a topic. */
#define ALIAS_5 PACKET("\x30\x07\x00\x00\x03\x23\x00\x01x")
#define ALIAS_TOPIC_5 PACKET("\x30\x0a\x00\x03z/x\x03\x23\x00\x01x")

static int begin(void **state)
{
	static struct trial trial;

	trial_init(&trial);
	*state = &trial;
	return 0;
}

static int finish(void **state)
{
	trial_finish(*state);
	return 0;
}

/* Rows A130 to A132. */
static void a_refused_delivery_is_answered_in_the_browsers_place(void **state)
{
	struct trial *trial = *state;

	trial_set_rules(trial, RULES("allow sub a/#"));
	for (uint8_t level = 3; level <= 4; level++) {
		trial_begin(trial, level);
		expect_drop(trial, DOWN, QOS_0);
		expect_answer(trial, DOWN, QOS_1, PACKET("\x40\x02\x12\x34"));
		expect_answer(trial, DOWN, QOS_2, PACKET("\x50\x02\x12\x34"));
	}
	trial_begin(trial, 5);
	expect_drop(trial, DOWN, QOS_0_5);
	expect_answer(trial, DOWN, QOS_1_5, PACKET("\x40\x02\x12\x34"));
	expect_answer(trial, DOWN, QOS_2_5, PACKET("\x50\x02\x12\x34"));
	assert_int_equal(trial->denied[DENIAL_DELIVER], 9);
}

static void a_withheld_qos_2_is_finished_by_the_gateway(void **state)
{
	struct trial *trial = *state;

	trial_set_rules(trial, RULES("allow sub a/#"));
	for (uint8_t level = 3; level <= 4; level++) {
		trial_begin(trial, level);
		expect_answer(trial, DOWN, QOS_2, PACKET("\x50\x02\x12\x34"));
		expect_answer(trial, DOWN, QOS_2_AGAIN,
		              PACKET("\x50\x02\x12\x34"));
		expect_pass(trial, DOWN, PACKET("\x62\x02\x12\x35"));
		expect_answer(trial, DOWN, PUBREL, PACKET("\x70\x02\x12\x34"));
		expect_pass(trial, DOWN, PUBREL);
	}
	trial_begin(trial, 5);
	expect_answer(trial, DOWN, QOS_2_5, PACKET("\x50\x02\x12\x34"));
	expect_answer(trial, DOWN, PUBREL, PACKET("\x70\x02\x12\x34"));
	expect_pass(trial, DOWN, PUBREL);
}

/* Both sides number their messages by themselves. */
static void the_same_id_of_both_sides_is_two_messages(void **state)
{
	struct trial *trial = *state;

	trial_set_rules(trial, RULES("allow sub a/#"));
	trial_begin(trial, 4);
	expect_answer(trial, UP, QOS_2, PACKET("\x50\x02\x12\x34"));
	expect_pass(trial, DOWN, PUBREL);
	expect_answer(trial, DOWN, QOS_2, PACKET("\x50\x02\x12\x34"));
	expect_answer(trial, UP, PUBREL, PACKET("\x70\x02\x12\x34"));
	expect_answer(trial, DOWN, PUBREL, PACKET("\x70\x02\x12\x34"));
	expect_pass(trial, UP, PUBREL);
}

/* Row A133. */
static void an_allowed_delivery_passes_as_it_came(void **state)
{
	struct trial *trial = *state;

	trial_set_rules(trial, RULES("allow sub $share/g/z/#"));
	trial_begin(trial, 4);
	expect_pass(trial, DOWN, QOS_0);
	expect_pass(trial, DOWN, QOS_1);
	expect_pass(trial, DOWN, QOS_2);
	expect_pass(trial, DOWN, PUBREL);
	trial_begin(trial, 5);
	expect_pass(trial, DOWN, QOS_0_5);
	expect_pass(trial, DOWN, QOS_1_5);
	expect_pass(trial, DOWN, QOS_2_5);
	assert_int_equal(trial->denied[DENIAL_DELIVER], 0);
}

static void where_all_may_be_received_no_delivery_is_read(void **state)
{
	struct trial *trial = *state;

	trial_begin(trial, 4);
	expect_pass(trial, DOWN, PACKET("\x30\x05\x00\x03z/#"));
	trial_set_rules(trial, RULES("allow sub #", "allow pub a"));
	trial_begin(trial, 4);
	expect_pass(trial, DOWN, PACKET("\x30\x05\x00\x03z/#"));
	expect_pass(trial, DOWN, QOS_1);
	trial_begin(trial, 5);
	expect_pass(trial, DOWN, ALIAS_5);
	trial_set_rules(trial, RULES("allow sub #", "deny sub a"));
	trial_begin(trial, 4);
	expect_close(trial, DOWN, PACKET("\x30\x05\x00\x03z/#"),
	             CLOSE_UPSTREAM_GARBAGE);
}

/* None was offered to the broker. */
static void an_alias_of_the_broker_is_garbage_where_it_is_judged(void **state)
{
	struct trial *trial = *state;

	trial_set_rules(trial, RULES("allow sub z/#"));
	trial_begin(trial, 5);
	expect_close(trial, DOWN, ALIAS_TOPIC_5, CLOSE_UPSTREAM_GARBAGE);
	expect_close(trial, DOWN, ALIAS_5, CLOSE_UPSTREAM_GARBAGE);
}

static void garbage_of_the_broker_closes(void **state)
{
	struct trial *trial = *state;

	trial_set_rules(trial, RULES("allow sub z/#"));
	trial_begin(trial, 4);
	expect_close(trial, DOWN, PACKET("\x32\x05\x00\x01z\x00\x00"),
	             CLOSE_UPSTREAM_GARBAGE);
	expect_close(trial, DOWN, PACKET("\x30\x05\x00\x03z\xff/"),
	             CLOSE_UPSTREAM_GARBAGE);
	expect_close(trial, DOWN, PACKET("\x50\x02\x00\x00"),
	             CLOSE_UPSTREAM_GARBAGE);
	expect_close(trial, DOWN, PACKET("\x62\x01\x00"),
	             CLOSE_UPSTREAM_GARBAGE);
	expect_close(trial, DOWN, PACKET("\x20\x03\x00\x00\x00"),
	             CLOSE_UPSTREAM_GARBAGE);
	expect_close(trial, DOWN, PACKET("\x20\x00"), CLOSE_UPSTREAM_GARBAGE);
	trial_begin(trial, 5);
	expect_close(trial, DOWN, PACKET("\x20\x02\x00\x00"),
	             CLOSE_UPSTREAM_GARBAGE);
}

static void the_rest_is_the_brokers_word_to_the_browser(void **state)
{
	struct trial *trial = *state;

	trial_set_rules(trial, RULES("allow sub a"));
	trial_begin(trial, 4);
	expect_pass(trial, DOWN, PACKET("\x40\x02\x00\x01"));
	expect_pass(trial, DOWN, PACKET("\x50\x02\x00\x01"));
	expect_pass(trial, DOWN, PACKET("\x70\x02\x00\x01"));
	expect_pass(trial, DOWN, PACKET("\xb0\x02\x00\x01"));
	expect_pass(trial, DOWN, PACKET("\xd0\x00"));
	trial_begin(trial, 5);
	expect_pass(trial, DOWN, PACKET("\x40\x04\x00\x01\x10\x00"));
	expect_pass(trial, DOWN, PACKET("\xb0\x04\x00\x01\x00\x11"));
	expect_pass(trial, DOWN, PACKET("\xe0\x02\x8e\x00"));
	expect_pass(trial, DOWN, PACKET("\xf0\x09\x18\x07\x15\x00\x04scrm"));
}

static void a_connack_of_mqtt_3_passes_as_it_came(void **state)
{
	struct trial *trial = *state;

	trial_set_rules(trial, RULES("allow sub a"));
	trial->config.persistent = false;
	for (uint8_t level = 3; level <= 4; level++) {
		trial_begin(trial, level);
		expect_pass(trial, DOWN, PACKET("\x20\x02\x00\x00"));
		expect_pass(trial, DOWN, PACKET("\x20\x02\x01\x00"));
		expect_pass(trial, DOWN, PACKET("\x20\x02\x00\x05"));
	}
}

/* More of it: entry_test.c. */
static void a_connack_of_mqtt_5_tells_the_bounds_of_the_route(void **state)
{
	struct trial *trial = *state;

	trial_set_rules(trial, RULES("allow sub a"));
	trial_begin(trial, 5);
	/* Topic Alias Maximum 10, Maximum QoS 1. */
	expect_replaced(trial, DOWN,
	                PACKET("\x20\x08\x01\x00\x05\x22\x00\x0a\x24\x01"),
	                PACKET("\x20\x08\x01\x00\x05\x21\x00\x14\x24\x01"));
	trial_begin(trial, 5);
	expect_pass(trial, DOWN, PACKET("\x20\x06\x00\x00\x03\x21\x00\x0a"));
	trial_begin(trial, 5);
	expect_pass(trial, DOWN, PACKET("\x20\x06\x00\x87\x03\x22\x00\x0a"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, finish)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_refused_delivery_is_answered_in_the_browsers_place),
		TEST(a_withheld_qos_2_is_finished_by_the_gateway),
		TEST(the_same_id_of_both_sides_is_two_messages),
		TEST(an_allowed_delivery_passes_as_it_came),
		TEST(where_all_may_be_received_no_delivery_is_read),
		TEST(an_alias_of_the_broker_is_garbage_where_it_is_judged),
		TEST(garbage_of_the_broker_closes),
		TEST(the_rest_is_the_brokers_word_to_the_browser),
		TEST(a_connack_of_mqtt_3_passes_as_it_came),
		TEST(a_connack_of_mqtt_5_tells_the_bounds_of_the_route),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
