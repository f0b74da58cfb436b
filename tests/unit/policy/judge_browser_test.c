/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PUBLISH from the browser, what is refused of it, and the packets without
 * rules of their own (origin-and-acl.md 6.4, 6.5).
 */
#include "policy/judge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "trial.h"

#define REFUSED_MOST 1024

/* A QoS 2 PUBLISH, in MQTT 3, of its own packet id. */
static struct slice qos_2_of(uint8_t *octets, uint16_t id, char topic)
{
	const uint8_t packet[] = {
		0x34, 5, 0, 1, (uint8_t)topic, (uint8_t)(id >> 8), (uint8_t)id
	};

	for (size_t i = 0; i < sizeof packet; i++)
		octets[i] = packet[i];
	return (struct slice){ octets, sizeof packet };
}

static void without_rules_everything_passes(void **state)
{
	struct trial *trial = *state;

	for (uint8_t level = 3; level <= 4; level++) {
		trial_begin(trial, level);
		expect_publishes_pass(trial, UP);
		expect_pass(trial, UP, PACKET("\x31\x05\x00\x03t/x"));
		expect_pass(trial, UP, PACKET("\x40\x02\x00\x01"));
		expect_pass(trial, UP, PACKET("\x50\x02\x00\x01"));
		expect_pass(trial, UP, PACKET("\x70\x02\x00\x01"));
		expect_pass(trial, UP, PACKET("\x82\x06\x00\x05\x00\x01#\x00"));
		expect_pass(trial, UP, PACKET("\xa2\x05\x00\x06\x00\x01#"));
		expect_pass(trial, UP, PACKET("\xc0\x00"));
		expect_pass(trial, UP, PACKET("\xe0\x00"));
	}
	trial_begin(trial, 5);
	expect_publishes_pass(trial, UP);
	expect_pass(trial, UP, PACKET("\x40\x04\x00\x01\x80\x00"));
	expect_pass(trial, UP, PACKET("\x82\x07\x00\x05\x00\x00\x01#\x00"));
	expect_pass(trial, UP, PACKET("\xa2\x06\x00\x06\x00\x00\x01#"));
	expect_pass(trial, UP, PACKET("\xc0\x00"));
	expect_pass(trial, UP, PACKET("\xe0\x02\x04\x00"));
}

static void a_refused_publish_is_acknowledged_in_mqtt_3(void **state)
{
	struct trial *trial = *state;

	trial_set_rules(trial, RULES("allow pub other"));
	for (uint8_t level = 3; level <= 4; level++) {
		trial_begin(trial, level);
		expect_taken(trial, UP);
	}
	assert_int_equal(trial->denied[DENIAL_PUBLISH], 6);
}

static void a_refused_publish_is_answered_0x87_in_mqtt_5(void **state)
{
	struct trial *trial = *state;

	trial_set_rules(trial, RULES("allow pub other"));
	trial_begin(trial, 5);
	expect_drop(trial, UP, QOS_0_5);
	expect_answer(trial, UP, QOS_1_5, PACKET("\x40\x04\x12\x34\x87\x00"));
	expect_answer(trial, UP, QOS_2_5, PACKET("\x50\x04\x12\x34\x87\x00"));
	assert_int_equal(trial->denied[DENIAL_PUBLISH], 3);
}

static void an_allowed_publish_passes_as_it_came(void **state)
{
	struct trial *trial = *state;

	trial_set_rules(trial, RULES("allow pub t/#"));
	trial_begin(trial, 4);
	expect_publishes_pass(trial, UP);
	trial_begin(trial, 5);
	expect_publishes_pass(trial, UP);
	assert_int_equal(trial->denied[DENIAL_PUBLISH], 0);
}

static void a_refused_qos_2_is_finished_by_the_gateway(void **state)
{
	struct trial *trial = *state;

	trial_set_rules(trial, RULES("allow pub other"));
	for (uint8_t level = 3; level <= 4; level++) {
		trial_begin(trial, level);
		expect_finished(trial, UP);
	}
}

/* Until it is released its id is the refused message's, whatever comes. */
static void an_id_stays_refused_until_its_pubrel(void **state)
{
	struct trial *trial = *state;

	trial_set_rules(trial, RULES("allow pub other"));
	trial_begin(trial, 4);
	expect_answer(trial, UP, QOS_2, PACKET("\x50\x02\x12\x34"));
	expect_answer(trial, UP, PACKET("\x3c\x09\x00\x05other\x12\x34"),
	              PACKET("\x50\x02\x12\x34"));
	expect_answer(trial, UP, PUBREL, PACKET("\x70\x02\x12\x34"));
	expect_pass(trial, UP, PACKET("\x34\x09\x00\x05other\x12\x34"));
	expect_pass(trial, UP, PUBREL);
}

static void mqtt_5_ends_a_qos_2_with_its_refusal(void **state)
{
	struct trial *trial = *state;

	trial_set_rules(trial, RULES("allow pub other"));
	trial_begin(trial, 5);
	expect_answer(trial, UP, QOS_2_5, PACKET("\x50\x04\x12\x34\x87\x00"));
	expect_pass(trial, UP, PUBREL);
	assert_int_equal(trial->judge.refused.count, 0);
}

static void refused_qos_2_messages_are_bounded(void **state)
{
	struct trial *trial = *state;
	uint8_t octets[8];

	trial_set_rules(trial, RULES("allow pub a"));
	trial_begin(trial, 4);
	for (uint16_t id = 1; id <= REFUSED_MOST; id++) {
		trial_judge(trial, UP, qos_2_of(octets, id, 'z'));
		assert_int_equal(trial->verdict.ruling, VERDICT_DROP);
	}
	trial_judge(trial, UP, qos_2_of(octets, 5, 'z'));
	assert_int_equal(trial->verdict.ruling, VERDICT_DROP);
	expect_close(trial, UP, qos_2_of(octets, REFUSED_MOST + 1, 'z'),
	             CLOSE_FLOOD);
}

static void open_qos_2_messages_are_bounded_by_receive_max(void **state)
{
	struct trial *trial = *state;
	uint8_t octets[8];

	trial->config.receive_max = 3;
	for (uint8_t level = 3; level <= 4; level++) {
		trial_begin(trial, level);
		expect_pass(trial, UP, qos_2_of(octets, 1, 'a'));
		expect_pass(trial, UP, qos_2_of(octets, 2, 'a'));
		expect_pass(trial, UP, qos_2_of(octets, 3, 'a'));
		expect_pass(trial, UP, qos_2_of(octets, 3, 'a'));
		expect_pass(trial, UP, PACKET("\x62\x02\x00\x02"));
		expect_pass(trial, UP, qos_2_of(octets, 4, 'a'));
		expect_close(trial, UP, qos_2_of(octets, 5, 'a'), CLOSE_FLOOD);
	}
}

static void a_pubrec_that_refuses_ends_a_message(void **state)
{
	struct trial *trial = *state;

	trial->config.receive_max = 1;
	trial_begin(trial, 5);
	expect_pass(trial, UP, QOS_2_5);
	expect_pass(trial, DOWN, PACKET("\x50\x02\x12\x34"));
	expect_close(trial, UP, PACKET("\x34\x07\x00\x01t\x00\x01\x00x"),
	             CLOSE_FLOOD);
	trial_begin(trial, 5);
	expect_pass(trial, UP, QOS_2_5);
	expect_pass(trial, DOWN, PACKET("\x50\x04\x12\x34\x97\x00"));
	expect_pass(trial, UP, PACKET("\x34\x07\x00\x01t\x00\x01\x00x"));
}

static void a_retained_message_needs_its_own_right(void **state)
{
	struct trial *trial = *state;

	trial_set_rules(trial, RULES("allow pub t/#", "allow retain t/ok"));
	trial_begin(trial, 4);
	expect_answer(trial, UP, PACKET("\x33\x07\x00\x03t/x\x00\x01"),
	              PACKET("\x40\x02\x00\x01"));
	expect_pass(trial, UP, PACKET("\x33\x08\x00\x04t/ok\x00\x01"));
	expect_pass(trial, UP, PACKET("\x32\x07\x00\x03t/x\x00\x01"));
}

static void read_only_refuses_every_publish(void **state)
{
	struct trial *trial = *state;

	trial->config.read_only = true;
	trial_begin(trial, 4);
	expect_taken(trial, UP);
	expect_answer(trial, UP, PUBREL, PACKET("\x70\x02\x12\x34"));
	expect_pass(trial, UP, PACKET("\x82\x06\x00\x05\x00\x01#\x00"));
	trial_set_rules(trial, RULES("allow pub,sub #"));
	trial_begin(trial, 5);
	expect_answer(trial, UP, QOS_1_5, PACKET("\x40\x04\x12\x34\x87\x00"));
}

/* Rows A135 to A137 of the table of ACL cases. */
static void a_response_topic_must_be_one_that_the_asker_may_read(void **state)
{
	struct trial *trial = *state;

	trial_set_rules(
	    trial, RULES("allow pub rpc/in", "allow sub rpc/out/${client}"));
	trial_begin(trial, 5);
	expect_pass(trial, UP,
	            PACKET("\x32\x19\x00\x06rpc/in\x00\x01\x0d\x08\x00\x0a"
	                   "rpc/out/c1x"));
	expect_answer(trial, UP,
	              PACKET("\x32\x14\x00\x06rpc/in\x00\x01\x08\x08\x00\x05"
	                     "z/cmdx"),
	              PACKET("\x40\x04\x00\x01\x87\x00"));
	assert_int_equal(trial->denied[DENIAL_RESPONSE], 1);
	assert_int_equal(trial->denied[DENIAL_PUBLISH], 0);
	expect_close(trial, UP,
	             PACKET("\x32\x12\x00\x06rpc/in\x00\x01\x06\x08\x00\x03"
	                    "z/#x"),
	             CLOSE_PROTOCOL_ERROR);
}

static void its_own_topic_is_for_responses_and_no_other_use(void **state)
{
	struct trial *trial = *state;

	trial_set_rules(trial, RULES("allow pub rpc/in"));
	trial_begin(trial, 5);
	trial->judge.own_topic = slice_from_text("r/1");
	expect_pass(trial, UP,
	            PACKET("\x32\x12\x00\x06rpc/in\x00\x01\x06\x08\x00\x03"
	                   "r/1x"));
	expect_answer(trial, UP,
	              PACKET("\x32\x12\x00\x06rpc/in\x00\x01\x06\x08\x00\x03"
	                     "r/2x"),
	              PACKET("\x40\x04\x00\x01\x87\x00"));
	expect_answer(trial, UP, PACKET("\x32\x09\x00\x03r/1\x00\x01\x00x"),
	              PACKET("\x40\x04\x00\x01\x87\x00"));
	assert_int_equal(trial->denied[DENIAL_RESPONSE], 1);
	assert_int_equal(trial->denied[DENIAL_PUBLISH], 1);
}

/* Rows A150, A151, A153 and A155: the ACL forbids aliases. */
static void with_rules_no_topic_alias_is_taken(void **state)
{
	struct trial *trial = *state;

	trial_set_rules(trial, RULES("allow pub w/#"));
	trial_begin(trial, 5);
	expect_close(trial, UP, PACKET("\x32\x06\x00\x00\x00\x01\x00x"),
	             CLOSE_PROTOCOL_ERROR);
	assert_int_equal(trial->verdict.code5, 0);
	expect_close(trial, UP,
	             PACKET("\x32\x0c\x00\x03w/1\x00\x01\x03\x23\x00\x00x"),
	             CLOSE_PROTOCOL_ERROR);
	assert_int_equal(trial->verdict.code5, 0x94);
	expect_close(trial, UP,
	             PACKET("\x32\x0c\x00\x03w/1\x00\x01\x03\x23\x00\x01x"),
	             CLOSE_PROTOCOL_ERROR);
	assert_int_equal(trial->verdict.code5, 0x94);
	expect_close(trial, UP,
	             PACKET("\x32\x09\x00\x00\x00\x01\x03\x23\x00\x01x"),
	             CLOSE_PROTOCOL_ERROR);
	assert_int_equal(trial->verdict.code5, 0x94);
	expect_close(trial, UP,
	             PACKET("\x32\x0c\x00\x03w/\xff\x00\x01\x03\x23\x00\x01x"),
	             CLOSE_MALFORMED);
	assert_int_equal(trial->verdict.code5, 0);
}

static void without_rules_an_alias_is_the_brokers_to_judge(void **state)
{
	struct trial *trial = *state;

	trial_begin(trial, 5);
	expect_pass(trial, UP,
	            PACKET("\x32\x0c\x00\x03w/1\x00\x01\x03\x23\x00\x01x"));
	expect_pass(trial, UP,
	            PACKET("\x32\x09\x00\x00\x00\x01\x03\x23\x00\x01x"));
	expect_close(trial, UP, PACKET("\x32\x06\x00\x00\x00\x01\x00x"),
	             CLOSE_PROTOCOL_ERROR);
	trial->config.read_only = true;
	trial_begin(trial, 5);
	expect_close(trial, UP,
	             PACKET("\x32\x0c\x00\x03w/1\x00\x01\x03\x23\x00\x01x"),
	             CLOSE_PROTOCOL_ERROR);
	assert_int_equal(trial->verdict.code5, 0x94);
}

static void a_shared_name_is_never_a_topic(void **state)
{
	struct trial *trial = *state;

	trial_begin(trial, 4);
	expect_close(trial, UP, PACKET("\x30\x0a\x00\x08$share/g"),
	             CLOSE_PROTOCOL_ERROR);
	expect_close(trial, UP, PACKET("\x30\x08\x00\x06$share"),
	             CLOSE_PROTOCOL_ERROR);
	expect_pass(trial, UP, PACKET("\x30\x09\x00\x07$shared"));
	trial_set_rules(trial, RULES("allow pub #"));
	trial_begin(trial, 5);
	expect_answer(trial, UP, PACKET("\x32\x0d\x00\x08$share/g\x00\x01\x00"),
	              PACKET("\x40\x04\x00\x01\x87\x00"));
}

static void a_broken_publish_closes(void **state)
{
	struct trial *trial = *state;

	trial_begin(trial, 4);
	expect_close(trial, UP, PACKET("\x30\x05\x00\x03t/+"), CLOSE_MALFORMED);
	expect_close(trial, UP, PACKET("\x30\x05\x00\x03t\x00x"),
	             CLOSE_MALFORMED);
	expect_close(trial, UP, PACKET("\x30\x02\x00\x00"), CLOSE_MALFORMED);
	expect_close(trial, UP, PACKET("\x32\x05\x00\x01t\x00\x00"),
	             CLOSE_PROTOCOL_ERROR);
	trial_begin(trial, 5);
	/* A Subscription Identifier, a User Property that is cut. */
	expect_close(trial, UP, PACKET("\x30\x06\x00\x01t\x02\x0b\x01"),
	             CLOSE_PROTOCOL_ERROR);
	expect_close(trial, UP, PACKET("\x30\x07\x00\x01t\x03\x26\x00\x09"),
	             CLOSE_MALFORMED);
}

static void broken_acknowledgements_close(void **state)
{
	struct trial *trial = *state;

	trial_begin(trial, 4);
	expect_close(trial, UP, PACKET("\x40\x01\x00"), CLOSE_MALFORMED);
	expect_close(trial, UP, PACKET("\x50\x03\x00\x01\x00"),
	             CLOSE_MALFORMED);
	expect_close(trial, UP, PACKET("\x62\x02\x00\x00"),
	             CLOSE_PROTOCOL_ERROR);
	trial_begin(trial, 5);
	expect_close(trial, UP, PACKET("\x70\x03\x00\x01\x42"),
	             CLOSE_PROTOCOL_ERROR);
}

static void a_second_connect_is_a_protocol_error(void **state)
{
	struct trial *trial = *state;

	trial_begin(trial, 4);
	expect_close(trial, UP,
	             PACKET("\x10\x0c\x00\x04MQTT\x04\x02\x00\x3c\x00\x00"),
	             CLOSE_PROTOCOL_ERROR);
}

/* The scanner stops them; the judge would all the same. */
static void a_servers_packet_from_a_browser_is_a_protocol_error(void **state)
{
	static const uint8_t firsts[] = { 0x00, 0x20, 0x90, 0xb0, 0xd0 };
	struct trial *trial = *state;

	trial_begin(trial, 5);
	for (size_t i = 0; i < sizeof firsts; i++) {
		const uint8_t packet[] = { firsts[i], 0 };

		judge_from_browser(&trial->judge,
		                   (struct slice){ packet, sizeof packet },
		                   &trial->verdict);
		assert_int_equal(trial->verdict.ruling, VERDICT_CLOSE);
		assert_int_equal(trial->verdict.reason, CLOSE_PROTOCOL_ERROR);
	}
}

static void unsubscribe_needs_no_right(void **state)
{
	struct trial *trial = *state;

	trial_set_rules(trial, RULES("allow pub a"));
	trial_begin(trial, 4);
	expect_pass(trial, UP, PACKET("\xa2\x05\x00\x06\x00\x01#"));
	expect_close(trial, UP, PACKET("\xa2\x06\x00\x06\x00\x02#a"),
	             CLOSE_MALFORMED);
	expect_close(trial, UP, PACKET("\xa2\x02\x00\x06"),
	             CLOSE_PROTOCOL_ERROR);
}

static void auth_passes_where_the_login_is_the_pages_own(void **state)
{
	static const char reauthenticate[] = "\xf0\x09\x19\x07\x15\x00\x04scrm";
	static const char connect[] = "\x10\x16\x00\x04MQTT\x05\x02\x00\x3c"
	                              "\x07\x15\x00\x04scrm"
	                              "\x00\x02"
	                              "c1";
	struct trial *trial = *state;

	trial_connect(trial, PACKET(connect));
	expect_pass(trial, UP, PACKET(reauthenticate));
	expect_close(trial, UP, PACKET("\xf0\x00"), CLOSE_PROTOCOL_ERROR);
	trial_begin(trial, 5);
	expect_close(trial, UP, PACKET(reauthenticate), CLOSE_PROTOCOL_ERROR);
	trial_set_login(trial, "web", NULL);
	trial_begin(trial, 5);
	expect_close(trial, UP, PACKET(reauthenticate), CLOSE_PROTOCOL_ERROR);
}

static void a_disconnect_asks_for_no_lasting_session(void **state)
{
	/* With the will, reason "bye", expiry of an hour, user property. */
	static const char asks[] = "\xe0\x14\x04\x12"
	                           "\x1f\x00\x03"
	                           "bye"
	                           "\x11\x00\x00\x0e\x10"
	                           "\x26\x00\x01k\x00\x01v";
	static const char connect[] = "\x10\x14\x00\x04MQTT\x05\x02\x00\x3c"
	                              "\x05\x11\x00\x00\x00\x64"
	                              "\x00\x02"
	                              "c1";
	struct trial *trial = *state;

	trial_begin(trial, 5);
	expect_close(trial, UP, PACKET(asks), CLOSE_PROTOCOL_ERROR);
	trial_connect(trial, PACKET(connect));
	expect_pass(trial, UP, PACKET(asks));
	trial->config.persistent = false;
	trial_connect(trial, PACKET(connect));
	expect_replaced(trial, UP, PACKET(asks),
	                PACKET("\xe0\x0f\x04\x0d"
	                       "\x1f\x00\x03"
	                       "bye"
	                       "\x26\x00\x01k\x00\x01v"));
	expect_replaced(trial, UP,
	                PACKET("\xe0\x07\x00\x05\x11\x00\x00\x0e\x10"),
	                PACKET("\xe0\x02\x00\x00"));
	expect_pass(trial, UP, PACKET("\xe0\x02\x04\x00"));
	expect_pass(trial, UP, PACKET("\xe0\x00"));
	expect_close(trial, UP, PACKET("\xe0\x01\x8e"), CLOSE_PROTOCOL_ERROR);
}

static void a_verdict_forgets_the_one_before(void **state)
{
	struct trial *trial = *state;

	trial_set_rules(trial, RULES("allow pub other"));
	trial_begin(trial, 5);
	expect_close(trial, UP,
	             PACKET("\x32\x0c\x00\x03w/1\x00\x01\x03\x23\x00\x01x"),
	             CLOSE_PROTOCOL_ERROR);
	expect_answer(trial, UP, QOS_1_5, PACKET("\x40\x04\x12\x34\x87\x00"));
	expect_pass(trial, UP, PACKET("\xc0\x00"));
	assert_int_equal(trial->verdict.code5, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TRIAL_TEST(without_rules_everything_passes),
		TRIAL_TEST(a_refused_publish_is_acknowledged_in_mqtt_3),
		TRIAL_TEST(a_refused_publish_is_answered_0x87_in_mqtt_5),
		TRIAL_TEST(an_allowed_publish_passes_as_it_came),
		TRIAL_TEST(a_refused_qos_2_is_finished_by_the_gateway),
		TRIAL_TEST(an_id_stays_refused_until_its_pubrel),
		TRIAL_TEST(mqtt_5_ends_a_qos_2_with_its_refusal),
		TRIAL_TEST(refused_qos_2_messages_are_bounded),
		TRIAL_TEST(open_qos_2_messages_are_bounded_by_receive_max),
		TRIAL_TEST(a_pubrec_that_refuses_ends_a_message),
		TRIAL_TEST(a_retained_message_needs_its_own_right),
		TRIAL_TEST(read_only_refuses_every_publish),
		TRIAL_TEST(
		    a_response_topic_must_be_one_that_the_asker_may_read),
		TRIAL_TEST(its_own_topic_is_for_responses_and_no_other_use),
		TRIAL_TEST(with_rules_no_topic_alias_is_taken),
		TRIAL_TEST(without_rules_an_alias_is_the_brokers_to_judge),
		TRIAL_TEST(a_shared_name_is_never_a_topic),
		TRIAL_TEST(a_broken_publish_closes),
		TRIAL_TEST(broken_acknowledgements_close),
		TRIAL_TEST(a_second_connect_is_a_protocol_error),
		TRIAL_TEST(a_servers_packet_from_a_browser_is_a_protocol_error),
		TRIAL_TEST(unsubscribe_needs_no_right),
		TRIAL_TEST(auth_passes_where_the_login_is_the_pages_own),
		TRIAL_TEST(a_disconnect_asks_for_no_lasting_session),
		TRIAL_TEST(a_verdict_forgets_the_one_before),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
