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

/* An alias without and with a topic. */
#define ALIAS_5 PACKET("\x30\x07\x00\x00\x03\x23\x00\x01x")
#define ALIAS_TOPIC_5 PACKET("\x30\x0a\x00\x03z/x\x03\x23\x00\x01x")

/* Rows A130 to A132. */
static void a_refused_delivery_is_answered_in_the_browsers_place(void **state)
{
	struct trial *trial = *state;

	trial_set_rules(trial, RULES("allow sub a/#"));
	for (uint8_t level = 3; level <= 5; level++) {
		trial_begin(trial, level);
		expect_taken(trial, DOWN);
	}
	assert_int_equal(trial->denied[DENIAL_DELIVER], 9);
}

static void a_withheld_qos_2_is_finished_by_the_gateway(void **state)
{
	struct trial *trial = *state;

	trial_set_rules(trial, RULES("allow sub a/#"));
	for (uint8_t level = 3; level <= 4; level++) {
		trial_begin(trial, level);
		expect_finished(trial, DOWN);
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

	trial_set_rules(trial, RULES("allow sub $share/g/t/#"));
	trial_begin(trial, 4);
	expect_publishes_pass(trial, DOWN);
	trial_begin(trial, 5);
	expect_publishes_pass(trial, DOWN);
	assert_int_equal(trial->denied[DENIAL_DELIVER], 0);
}

static void what_comes_to_its_own_topic_needs_no_rule(void **state)
{
	struct trial *trial = *state;

	trial_set_rules(trial, RULES("allow sub a/#"));
	trial_begin(trial, 5);
	trial->judge.own_topic = slice_from_text("r/1");
	expect_pass(trial, DOWN, PACKET("\x30\x07\x00\x03r/1\x00x"));
	expect_drop(trial, DOWN, PACKET("\x30\x07\x00\x03r/2\x00x"));
	expect_drop(trial, DOWN, PACKET("\x30\x05\x00\x01r\x00x"));
	expect_drop(trial, DOWN, PACKET("\x30\x09\x00\x05r/1/x\x00x"));
	assert_int_equal(trial->denied[DENIAL_DELIVER], 3);
	trial_begin(trial, 5);
	expect_drop(trial, DOWN, PACKET("\x30\x07\x00\x03r/1\x00x"));
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

/* RabbitMQ 3.10 does it: it takes QoS 2 for QoS 1. */
static void a_puback_ends_a_message_of_qos_2(void **state)
{
	struct trial *trial = *state;
	const struct slice next = PACKET("\x34\x06\x00\x01t\x00\x01x");

	trial->config.receive_max = 1;
	for (uint8_t level = 3; level <= 4; level++) {
		trial_begin(trial, level);
		expect_pass(trial, UP, QOS_2);
		expect_pass(trial, DOWN, PACKET("\x40\x02\x12\x35"));
		expect_close(trial, UP, next, CLOSE_FLOOD);
		trial_begin(trial, level);
		expect_pass(trial, UP, QOS_2);
		expect_pass(trial, DOWN, PACKET("\x40\x02\x12\x34"));
		expect_pass(trial, UP, next);
	}
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		TRIAL_TEST(
		    a_refused_delivery_is_answered_in_the_browsers_place),
		TRIAL_TEST(a_withheld_qos_2_is_finished_by_the_gateway),
		TRIAL_TEST(the_same_id_of_both_sides_is_two_messages),
		TRIAL_TEST(an_allowed_delivery_passes_as_it_came),
		TRIAL_TEST(what_comes_to_its_own_topic_needs_no_rule),
		TRIAL_TEST(where_all_may_be_received_no_delivery_is_read),
		TRIAL_TEST(
		    an_alias_of_the_broker_is_garbage_where_it_is_judged),
		TRIAL_TEST(a_puback_ends_a_message_of_qos_2),
		TRIAL_TEST(garbage_of_the_broker_closes),
		TRIAL_TEST(the_rest_is_the_brokers_word_to_the_browser),
		TRIAL_TEST(a_connack_of_mqtt_3_passes_as_it_came),
		TRIAL_TEST(a_connack_of_mqtt_5_tells_the_bounds_of_the_route),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
