/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SUBSCRIBE and its SUBACK: what is asked of the broker, and what the browser
 * hears of it (origin-and-acl.md 6.4, 6.5).
 */
#include "policy/judge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "trial.h"

#define FILTERS_MOST 64
#define PACKET_BYTES 1024

/* In MQTT 3: id 10, a/1 with QoS 1, z/1 with 2, a/2 with 2. */
#define THREE                                                                  \
	PACKET("\x82\x14\x00\x0a\x00\x03"                                      \
	       "a/1\x01\x00\x03z/1\x02\x00\x03"                                \
	       "a/2\x02")
#define TWO_OF_THREE                                                           \
	PACKET("\x82\x0e\x00\x0a\x00\x03"                                      \
	       "a/1\x01\x00\x03"                                               \
	       "a/2\x02")

/* In MQTT 5: a Subscription Identifier, a User Property, all options. */
#define PROPERTIES "\x09\x0b\x07\x26\x00\x01k\x00\x01v"
#define THREE_5                                                                \
	PACKET("\x82\x1e\x00\x0a" PROPERTIES "\x00\x03"                        \
	       "a/1\x2d\x00\x03z/1\x02\x00\x03"                                \
	       "a/2\x1e")
#define TWO_OF_THREE_5                                                         \
	PACKET("\x82\x18\x00\x0a" PROPERTIES "\x00\x03"                        \
	       "a/1\x2d\x00\x03"                                               \
	       "a/2\x1e")

/* SUBSCRIBE, in MQTT 3, for `count` filters a/00, a/01 and so on. */
static struct slice subscribe_many(uint8_t *octets, uint16_t id, size_t count)
{
	size_t remaining = 2 + 7 * count;
	size_t len = 0;

	octets[len++] = 0x82;
	if (remaining < 128) {
		octets[len++] = (uint8_t)remaining;
	} else {
		octets[len++] = (uint8_t)(remaining % 128 | 0x80);
		octets[len++] = (uint8_t)(remaining / 128);
	}
	octets[len++] = (uint8_t)(id >> 8);
	octets[len++] = (uint8_t)id;
	for (size_t i = 0; i < count; i++) {
		const uint8_t entry[] = { 0,
			                  4,
			                  'a',
			                  '/',
			                  (uint8_t)('0' + i / 10),
			                  (uint8_t)('0' + i % 10),
			                  0 };

		memcpy(octets + len, entry, sizeof entry);
		len += sizeof entry;
	}
	return (struct slice){ octets, len };
}

static struct slice subscribe_one(uint8_t *octets, uint8_t id, char filter)
{
	const uint8_t packet[] = { 0x82, 6, 0, id, 0, 1, (uint8_t)filter, 0 };

	memcpy(octets, packet, sizeof packet);
	return (struct slice){ octets, sizeof packet };
}

/* Row A138. */
static void the_broker_is_asked_for_what_is_allowed(void **state)
{
	struct trial *trial = *state;

	trial_set_rules(trial, RULES("allow sub a/#"));
	for (uint8_t level = 3; level <= 4; level++) {
		trial_begin(trial, level);
		expect_replaced(trial, UP, THREE, TWO_OF_THREE);
		expect_replaced(trial, DOWN, PACKET("\x90\x04\x00\x0a\x01\x02"),
		                PACKET("\x90\x05\x00\x0a\x01\x80\x02"));
	}
	assert_int_equal(trial->denied[DENIAL_SUBSCRIBE], 2);
}

static void options_and_properties_are_kept(void **state)
{
	struct trial *trial = *state;

	trial_set_rules(trial, RULES("allow sub a/#"));
	trial_begin(trial, 5);
	expect_replaced(trial, UP, THREE_5, TWO_OF_THREE_5);
	expect_replaced(
	    trial, DOWN,
	    PACKET("\x90\x11\x00\x0a\x0c\x1f\x00\x02ok\x26\x00\x01k\x00\x01v"
	           "\x01\x02"),
	    PACKET("\x90\x12\x00\x0a\x0c\x1f\x00\x02ok\x26\x00\x01k\x00\x01v"
	           "\x01\x87\x02"));
}

static void what_is_allowed_whole_passes_as_it_came(void **state)
{
	struct trial *trial = *state;

	trial_set_rules(trial, RULES("allow sub a/#", "allow sub z/+"));
	trial_begin(trial, 4);
	expect_pass(trial, UP, THREE);
	expect_pass(trial, DOWN, PACKET("\x90\x05\x00\x0a\x01\x80\x02"));
	trial_begin(trial, 5);
	expect_pass(trial, UP, THREE_5);
	expect_pass(trial, DOWN, PACKET("\x90\x06\x00\x0a\x00\x01\x97\x02"));
	assert_int_equal(trial->denied[DENIAL_SUBSCRIBE], 0);
}

/* Row A140. */
static void when_all_is_refused_the_gateway_answers(void **state)
{
	struct trial *trial = *state;

	trial_set_rules(trial, RULES("allow pub #"));
	for (uint8_t level = 3; level <= 4; level++) {
		trial_begin(trial, level);
		expect_answer(trial, UP, THREE,
		              PACKET("\x90\x05\x00\x0a\x80\x80\x80"));
		expect_answer(trial, UP, THREE,
		              PACKET("\x90\x05\x00\x0a\x80\x80\x80"));
	}
	trial_begin(trial, 5);
	expect_answer(trial, UP, THREE_5,
	              PACKET("\x90\x06\x00\x0a\x00\x87\x87\x87"));
	assert_int_equal(trial->judge.subscriptions.pending_count, 0);
}

/* Row A141. */
static void the_brokers_own_refusal_is_kept(void **state)
{
	struct trial *trial = *state;

	trial_set_rules(trial, RULES("allow sub a/#"));
	trial_begin(trial, 5);
	expect_replaced(trial, UP,
	                PACKET("\x82\x0f\x00\x0a\x00\x00\x03"
	                       "a/1\x01\x00\x03z/1\x01"),
	                PACKET("\x82\x09\x00\x0a\x00\x00\x03"
	                       "a/1\x01"));
	expect_replaced(trial, DOWN, PACKET("\x90\x04\x00\x0a\x00\x97"),
	                PACKET("\x90\x05\x00\x0a\x00\x97\x87"));
}

/* Rows A142 and A143. */
static void every_filter_is_judged(void **state)
{
	struct trial *trial = *state;

	trial_set_rules(trial, RULES("allow sub a/#"));
	trial_begin(trial, 5);
	expect_replaced(trial, UP,
	                PACKET("\x82\x13\x00\x0a\x00\x00\x03"
	                       "a/1\x01\x00\x07+/attrs\x00"),
	                PACKET("\x82\x09\x00\x0a\x00\x00\x03"
	                       "a/1\x01"));
	expect_replaced(trial, DOWN, PACKET("\x90\x04\x00\x0a\x00\x01"),
	                PACKET("\x90\x05\x00\x0a\x00\x01\x87"));
	expect_close(trial, UP,
	             PACKET("\x82\x10\x00\x0a\x00\x00\x03"
	                    "a/1\x01\x00\x04"
	                    "a/#b\x00"),
	             CLOSE_MALFORMED);
}

/* The Remaining Length of what goes on has one octet, not two. */
static void a_long_filter_leaves_a_short_packet(void **state)
{
	struct trial *trial = *state;
	uint8_t octets[PACKET_BYTES] = "\x82\x8b\x01\x00\x0a\x00\x80";
	struct slice packet = { octets, 142 };

	memset(octets + 7, 'z', 128);
	memcpy(octets + 135,
	       "\x02\x00\x03"
	       "a/1\x01",
	       7);
	trial_set_rules(trial, RULES("allow sub a/#"));
	trial_begin(trial, 4);
	expect_replaced(trial, UP, packet,
	                PACKET("\x82\x08\x00\x0a\x00\x03"
	                       "a/1\x01"));
	expect_replaced(trial, DOWN, PACKET("\x90\x03\x00\x0a\x01"),
	                PACKET("\x90\x04\x00\x0a\x80\x01"));
}

static void answers_may_come_in_another_order(void **state)
{
	struct trial *trial = *state;

	trial_set_rules(trial, RULES("allow sub a/#"));
	trial_begin(trial, 4);
	expect_replaced(trial, UP, THREE, TWO_OF_THREE);
	expect_replaced(trial, UP,
	                PACKET("\x82\x0e\x00\x0b\x00\x03z/1\x01\x00\x03"
	                       "a/1\x01"),
	                PACKET("\x82\x08\x00\x0b\x00\x03"
	                       "a/1\x01"));
	expect_replaced(trial, DOWN, PACKET("\x90\x03\x00\x0b\x00"),
	                PACKET("\x90\x04\x00\x0b\x80\x00"));
	expect_replaced(trial, DOWN, PACKET("\x90\x04\x00\x0a\x00\x01"),
	                PACKET("\x90\x05\x00\x0a\x00\x80\x01"));
}

static void a_suback_that_fits_no_subscribe_closes(void **state)
{
	struct trial *trial = *state;

	trial_set_rules(trial, RULES("allow sub a/#"));
	trial_begin(trial, 4);
	expect_close(trial, DOWN, PACKET("\x90\x03\x00\x0a\x00"),
	             CLOSE_INTERNAL);
	trial_begin(trial, 4);
	expect_replaced(trial, UP, THREE, TWO_OF_THREE);
	expect_close(trial, DOWN, PACKET("\x90\x05\x00\x0a\x00\x00\x00"),
	             CLOSE_INTERNAL);
	trial_begin(trial, 4);
	expect_replaced(trial, UP, THREE, TWO_OF_THREE);
	expect_close(trial, DOWN, PACKET("\x90\x04\x00\x0b\x00\x00"),
	             CLOSE_INTERNAL);
	trial_begin(trial, 4);
	expect_replaced(trial, UP, THREE, TWO_OF_THREE);
	expect_replaced(trial, DOWN, PACKET("\x90\x04\x00\x0a\x00\x00"),
	                PACKET("\x90\x05\x00\x0a\x00\x80\x00"));
	expect_close(trial, DOWN, PACKET("\x90\x04\x00\x0a\x00\x00"),
	             CLOSE_INTERNAL);
	trial_begin(trial, 4);
	expect_close(trial, DOWN, PACKET("\x90\x02\x00\x0a"),
	             CLOSE_UPSTREAM_GARBAGE);
}

static void an_id_that_is_pending_is_not_free(void **state)
{
	struct trial *trial = *state;

	trial_begin(trial, 4);
	expect_pass(trial, UP, THREE);
	expect_close(trial, UP, THREE, CLOSE_PROTOCOL_ERROR);
	trial_begin(trial, 4);
	expect_pass(trial, UP, THREE);
	expect_pass(trial, DOWN, PACKET("\x90\x05\x00\x0a\x01\x02\x02"));
	expect_pass(trial, UP, THREE);
}

static void so_many_may_be_pending(void **state)
{
	struct trial *trial = *state;
	uint8_t octets[16];

	trial_begin(trial, 4);
	for (uint8_t id = 1; id <= SUBSCRIPTIONS_PENDING; id++)
		expect_pass(trial, UP, subscribe_one(octets, id, 'a'));
	expect_pass(trial, DOWN, PACKET("\x90\x03\x00\x05\x00"));
	expect_pass(trial, UP, subscribe_one(octets, 100, 'a'));
	expect_close(trial, UP, subscribe_one(octets, 101, 'a'), CLOSE_FLOOD);
}

static void one_subscribe_has_so_many_filters(void **state)
{
	struct trial *trial = *state;
	uint8_t octets[PACKET_BYTES];

	trial_begin(trial, 4);
	expect_pass(trial, UP, subscribe_many(octets, 1, FILTERS_MOST));
	trial_begin(trial, 4);
	expect_close(trial, UP, subscribe_many(octets, 1, FILTERS_MOST + 1),
	             CLOSE_FLOOD);
}

static void a_session_holds_as_many_as_its_route_says(void **state)
{
	struct trial *trial = *state;
	uint8_t octets[PACKET_BYTES];

	trial->config.limits.subscriptions = 2;
	trial_begin(trial, 4);
	expect_replaced(trial, UP, subscribe_many(octets, 10, 3),
	                PACKET("\x82\x10\x00\x0a\x00\x04"
	                       "a/00\x00\x00\x04"
	                       "a/01\x00"));
	expect_replaced(trial, DOWN, PACKET("\x90\x04\x00\x0a\x00\x00"),
	                PACKET("\x90\x05\x00\x0a\x00\x00\x80"));
	expect_answer(trial, UP, subscribe_one(octets, 11, 'b'),
	              PACKET("\x90\x03\x00\x0b\x80"));
	expect_pass(trial, UP,
	            PACKET("\xa2\x08\x00\x0c\x00\x04"
	                   "a/00"));
	expect_pass(trial, UP, subscribe_one(octets, 13, 'b'));
	expect_pass(trial, DOWN, PACKET("\x90\x03\x00\x0d\x80"));
	expect_pass(trial, UP, subscribe_one(octets, 14, 'c'));
	trial_begin(trial, 5);
	expect_replaced(trial, UP,
	                PACKET("\x82\x0f\x00\x0a\x00\x00\x01"
	                       "a\x00\x00\x01"
	                       "b\x00\x00\x01"
	                       "c\x00"),
	                PACKET("\x82\x0b\x00\x0a\x00\x00\x01"
	                       "a\x00\x00\x01"
	                       "b\x00"));
	expect_replaced(trial, DOWN, PACKET("\x90\x05\x00\x0a\x00\x00\x00"),
	                PACKET("\x90\x06\x00\x0a\x00\x00\x00\x97"));
}

/* A subscription that is there may be asked for again [MQTT5 3.8.4]. */
static void a_held_filter_may_be_asked_for_again(void **state)
{
	struct trial *trial = *state;
	uint8_t octets[16];

	trial->config.limits.subscriptions = 1;
	trial_begin(trial, 4);
	for (uint8_t id = 1; id <= 5; id++)
		expect_pass(trial, UP, subscribe_one(octets, id, 'a'));
	expect_answer(trial, UP, subscribe_one(octets, 9, 'b'),
	              PACKET("\x90\x03\x00\x09\x80"));
}

static void a_limit_of_0_is_none(void **state)
{
	struct trial *trial = *state;
	uint8_t octets[PACKET_BYTES];

	trial->config.limits.subscriptions = 0;
	trial_begin(trial, 4);
	for (uint16_t id = 1; id <= 20; id++)
		expect_pass(trial, UP, subscribe_many(octets, id, 60));
}

static void its_own_topic_needs_no_rule_and_others_do(void **state)
{
	struct trial *trial = *state;

	trial_set_rules(trial, RULES("allow sub a/#"));
	trial_begin(trial, 5);
	trial->judge.own_topic = slice_from_text("r/1");
	expect_pass(trial, UP, PACKET("\x82\x09\x00\x0a\x00\x00\x03r/1\x01"));
	expect_pass(trial, DOWN, PACKET("\x90\x04\x00\x0a\x00\x01"));
	expect_answer(trial, UP, PACKET("\x82\x09\x00\x0b\x00\x00\x03r/2\x01"),
	              PACKET("\x90\x04\x00\x0b\x00\x87"));
	expect_answer(trial, UP, PACKET("\x82\x09\x00\x0c\x00\x00\x03r/+\x01"),
	              PACKET("\x90\x04\x00\x0c\x00\x87"));
	expect_answer(trial, UP,
	              PACKET("\x82\x12\x00\x0d\x00\x00\x0c$share/g/r/1\x00"),
	              PACKET("\x90\x04\x00\x0d\x00\x87"));
	assert_int_equal(trial->denied[DENIAL_SUBSCRIBE], 3);
}

static void its_own_topic_takes_no_place_of_the_pages(void **state)
{
	struct trial *trial = *state;
	uint8_t octets[PACKET_BYTES];

	trial->config.limits.subscriptions = 2;
	trial_begin(trial, 4);
	trial->judge.own_topic = slice_from_text("r/1");
	expect_pass(trial, UP, subscribe_many(octets, 10, 2));
	expect_pass(trial, UP, PACKET("\x82\x08\x00\x0b\x00\x03r/1\x00"));
	expect_answer(trial, UP, subscribe_one(octets, 12, 'c'),
	              PACKET("\x90\x03\x00\x0c\x80"));
	trial->config.limits.subscriptions = 0;
	trial_begin(trial, 4);
	trial->judge.own_topic = slice_from_text("r/1");
	expect_pass(trial, UP, subscribe_many(octets, 10, 60));
}

/* Rows A088, A091, A096, and No Local [MQTT5 3.8.3.1]. */
static void a_shared_filter_has_rules_of_its_own(void **state)
{
	struct trial *trial = *state;

	trial_set_rules(trial,
	                RULES("allow sub a/#", "allow sub $share/+/b/#"));
	trial_begin(trial, 5);
	expect_answer(trial, UP,
	              PACKET("\x82\x11\x00\x0a\x00\x00\x0b$share/g/a/\x00"),
	              PACKET("\x90\x04\x00\x0a\x00\x87"));
	expect_pass(trial, UP,
	            PACKET("\x82\x11\x00\x0b\x00\x00\x0b$share/g/b/\x00"));
	expect_close(trial, UP,
	             PACKET("\x82\x11\x00\x0c\x00\x00\x0b$share/g/b/\x04"),
	             CLOSE_PROTOCOL_ERROR);
	expect_close(trial, UP,
	             PACKET("\x82\x0f\x00\x0c\x00\x00\x09$share//b\x00"),
	             CLOSE_MALFORMED);
	trial_begin(trial, 4);
	expect_answer(trial, UP,
	              PACKET("\x82\x10\x00\x0a\x00\x0b$share/g/a/\x00"),
	              PACKET("\x90\x03\x00\x0a\x80"));
}

static void a_broken_subscribe_closes(void **state)
{
	struct trial *trial = *state;

	trial_begin(trial, 4);
	expect_close(trial, UP, PACKET("\x82\x02\x00\x0a"),
	             CLOSE_PROTOCOL_ERROR);
	expect_close(trial, UP, PACKET("\x82\x06\x00\x00\x00\x01#\x00"),
	             CLOSE_PROTOCOL_ERROR);
	expect_close(trial, UP, PACKET("\x82\x06\x00\x01\x00\x01#\x03"),
	             CLOSE_MALFORMED);
	expect_close(trial, UP, PACKET("\x82\x05\x00\x01\x00\x01#"),
	             CLOSE_MALFORMED);
	expect_close(trial, UP, PACKET("\x82\x05\x00\x01\x00\x00\x00"),
	             CLOSE_MALFORMED);
	assert_int_equal(trial->judge.subscriptions.held_count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TRIAL_TEST(the_broker_is_asked_for_what_is_allowed),
		TRIAL_TEST(options_and_properties_are_kept),
		TRIAL_TEST(what_is_allowed_whole_passes_as_it_came),
		TRIAL_TEST(when_all_is_refused_the_gateway_answers),
		TRIAL_TEST(the_brokers_own_refusal_is_kept),
		TRIAL_TEST(every_filter_is_judged),
		TRIAL_TEST(a_long_filter_leaves_a_short_packet),
		TRIAL_TEST(answers_may_come_in_another_order),
		TRIAL_TEST(a_suback_that_fits_no_subscribe_closes),
		TRIAL_TEST(an_id_that_is_pending_is_not_free),
		TRIAL_TEST(so_many_may_be_pending),
		TRIAL_TEST(one_subscribe_has_so_many_filters),
		TRIAL_TEST(a_session_holds_as_many_as_its_route_says),
		TRIAL_TEST(a_held_filter_may_be_asked_for_again),
		TRIAL_TEST(a_limit_of_0_is_none),
		TRIAL_TEST(its_own_topic_needs_no_rule_and_others_do),
		TRIAL_TEST(its_own_topic_takes_no_place_of_the_pages),
		TRIAL_TEST(a_shared_filter_has_rules_of_its_own),
		TRIAL_TEST(a_broken_subscribe_closes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
