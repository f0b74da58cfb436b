/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who enters, and with which rights (origin-and-acl.md 6.1, 6.4, 6.6). What
 * a CONNECT is rewritten to: entry_test.c.
 */
#include "policy/judge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "trial.h"

#define BY_ALICE "\x00\x05\x61lice"

static void expect_entry(struct trial *trial, struct slice packet)
{
	trial_connect(trial, packet);
	assert_int_not_equal(trial->verdict.ruling, VERDICT_CLOSE);
}

static void expect_refused(struct trial *trial, struct slice packet,
                           enum close_reason reason, uint8_t level)
{
	trial_connect(trial, packet);
	assert_int_equal(trial->verdict.ruling, VERDICT_CLOSE);
	assert_int_equal(trial->verdict.reason, reason);
	assert_int_equal(trial->judge.entry.level, level);
}

static void a_plain_connect_of_mqtt_3_passes_as_it_came(void **state)
{
	struct trial *trial = *state;

	trial_connect(trial, PACKET("\x10\x0e\x00\x04MQTT\x04\x02\x00\x3c"
	                            "\x00\x02\x63\x31"));
	assert_int_equal(trial->verdict.ruling, VERDICT_PASS);
	assert_int_equal(trial->judge.entry.level, 4);
	trial_connect(trial, PACKET("\x10\x10\x00\x06MQIsdp\x03\x02\x00\x3c"
	                            "\x00\x02\x63\x31"));
	assert_int_equal(trial->verdict.ruling, VERDICT_PASS);
	assert_int_equal(trial->judge.entry.level, 3);
}

static void a_connect_over_a_bound_is_replaced(void **state)
{
	struct trial *trial = *state;

	trial_connect(trial, PACKET("\x10\x0f\x00\x04MQTT\x05\x02\xff\xff"
	                            "\x00\x00\x02\x63\x31"));
	assert_int_equal(trial->verdict.ruling, VERDICT_REPLACE);
	assert_int_equal(trial->verdict.answer.len, 0);
	expect_octets(trial->verdict.packet,
	              PACKET("\x10\x0f\x00\x04MQTT\x05\x02\x01\x2c"
	                     "\x00\x00\x02\x63\x31"));
}

/* The level is known where it could be read: the answer depends on it. */
static void a_broken_connect_does_not_enter(void **state)
{
	struct trial *trial = *state;

	expect_refused(trial, PACKET("\x10\x00"), CLOSE_MALFORMED, 0);
	expect_refused(trial,
	               PACKET("\x10\x0c\x00\x04MQTT\x06\x02\x00\x3c"
	                      "\x00\x00"),
	               CLOSE_MALFORMED, 0);
	expect_refused(trial,
	               PACKET("\x10\x0c\x00\x04MQTT\x04\x03\x00\x3c"
	                      "\x00\x00"),
	               CLOSE_MALFORMED, 4);
	expect_refused(trial,
	               PACKET("\x10\x0c\x00\x04MQTT\x04\x00\x00\x3c"
	                      "\x00\x00"),
	               CLOSE_CLIENT_ID, 4);
	expect_refused(trial,
	               PACKET("\x10\x0f\x00\x04MQTT\x05\x02\x00\x3c"
	                      "\x00\x00\x02"
	                      "c\x00"),
	               CLOSE_MALFORMED, 5);
	/* Receive Maximum 0. */
	expect_refused(trial,
	               PACKET("\x10\x10\x00\x04MQTT\x05\x02\x00\x3c"
	                      "\x03\x21\x00\x00\x00\x00"),
	               CLOSE_PROTOCOL_ERROR, 5);
}

/* Rows A045 to A048. */
static void a_will_is_judged_as_a_publish(void **state)
{
	struct trial *trial = *state;

	trial_set_rules(trial, RULES("allow pub a/#", "allow retain a/ok"));
	expect_refused(trial,
	               PACKET("\x10\x19\x00\x04MQTT\x04\x06\x00\x3c"
	                      "\x00\x02\x63\x31\x00\x06z/gone\x00\x01x"),
	               CLOSE_NOT_AUTHORISED, 4);
	expect_refused(trial,
	               PACKET("\x10\x1b\x00\x04MQTT\x05\x06\x00\x3c"
	                      "\x00\x00\x02\x63\x31\x00\x00\x06z/gone"
	                      "\x00\x01x"),
	               CLOSE_NOT_AUTHORISED, 5);
	expect_entry(trial, PACKET("\x10\x19\x00\x04MQTT\x04\x06\x00\x3c"
	                           "\x00\x02\x63\x31\x00\x06"
	                           "a/gone\x00\x01x"));
	expect_refused(trial,
	               PACKET("\x10\x19\x00\x04MQTT\x04\x26\x00\x3c"
	                      "\x00\x02\x63\x31\x00\x06"
	                      "a/gone\x00\x01x"),
	               CLOSE_NOT_AUTHORISED, 4);
	expect_entry(trial, PACKET("\x10\x17\x00\x04MQTT\x04\x26\x00\x3c"
	                           "\x00\x02\x63\x31\x00\x04"
	                           "a/ok\x00\x01x"));
	assert_int_equal(trial->denied[DENIAL_WILL], 3);
	assert_int_equal(trial->denied[DENIAL_PUBLISH], 0);
	expect_refused(trial,
	               PACKET("\x10\x18\x00\x04MQTT\x05\x06\x00\x3c"
	                      "\x00\x00\x02\x63\x31\x00\x00\x03"
	                      "a/+\x00\x01x"),
	               CLOSE_MALFORMED, 5);
}

static void the_response_topic_of_a_will_is_judged_too(void **state)
{
	struct trial *trial = *state;

	trial_set_rules(trial, RULES("allow pub a", "allow sub r/${client}"));
	expect_entry(trial, PACKET("\x10\x1d\x00\x04MQTT\x05\x06\x00\x3c"
	                           "\x00\x00\x02\x63\x31\x07\x08\x00\x04r/c1"
	                           "\x00\x01\x61\x00\x01x"));
	expect_refused(trial,
	               PACKET("\x10\x1d\x00\x04MQTT\x05\x06\x00\x3c"
	                      "\x00\x00\x02\x63\x31\x07\x08\x00\x04r/c2"
	                      "\x00\x01\x61\x00\x01x"),
	               CLOSE_NOT_AUTHORISED, 5);
	assert_int_equal(trial->denied[DENIAL_RESPONSE], 1);
}

static void read_only_takes_no_will(void **state)
{
	struct trial *trial = *state;

	trial->config.read_only = true;
	expect_refused(trial,
	               PACKET("\x10\x19\x00\x04MQTT\x04\x06\x00\x3c"
	                      "\x00\x02\x63\x31\x00\x06z/gone\x00\x01x"),
	               CLOSE_NOT_AUTHORISED, 4);
	assert_int_equal(trial->denied[DENIAL_WILL], 1);
	expect_entry(trial, PACKET("\x10\x0e\x00\x04MQTT\x04\x02\x00\x3c"
	                           "\x00\x02\x63\x31"));
}

static void without_rules_a_will_enters(void **state)
{
	struct trial *trial = *state;

	trial_connect(trial, PACKET("\x10\x19\x00\x04MQTT\x04\x26\x00\x3c"
	                            "\x00\x02\x63\x31\x00\x06z/gone\x00\x01x"));
	assert_int_equal(trial->verdict.ruling, VERDICT_PASS);
}

static void a_client_id_of_another_form_does_not_enter(void **state)
{
	struct trial *trial = *state;

	trial_set_client_id(trial, "match:${user}-${client}");
	expect_refused(trial,
	               PACKET("\x10\x15\x00\x04MQTT\x04\x82\x00\x3c"
	                      "\x00\x02\x63\x31" BY_ALICE),
	               CLOSE_CLIENT_ID, 4);
	expect_entry(trial, PACKET("\x10\x1b\x00\x04MQTT\x04\x82\x00\x3c"
	                           "\x00\x08"
	                           "alice-c1" BY_ALICE));
}

static void a_login_of_its_own_does_not_enter_beside_ours(void **state)
{
	struct trial *trial = *state;

	trial_set_login(trial, "web", "pw");
	expect_refused(trial,
	               PACKET("\x10\x16\x00\x04MQTT\x05\x02\x00\x3c"
	                      "\x07\x15\x00\x04scrm\x00\x02\x63\x31"),
	               CLOSE_BAD_LOGIN, 5);
	assert_int_equal(trial->verdict.code5, 0x8c);
}

static void rights_are_those_of_the_id_that_the_broker_sees(void **state)
{
	struct trial *trial = *state;

	trial->config.persistent = false;
	trial_set_rules(trial, RULES("allow pub dev/${client}"));
	trial_set_client_id(trial, "rewrite:${session}");
	expect_entry(trial, PACKET("\x10\x0e\x00\x04MQTT\x04\x02\x00\x3c"
	                           "\x00\x02\x63\x31"));
	expect_pass(trial, UP,
	            PACKET("\x30\x0a\x00\x08"
	                   "dev/w1-7"));
	expect_drop(trial, UP,
	            PACKET("\x30\x08\x00\x06"
	                   "dev/c1"));
}

static void the_user_is_the_one_that_the_broker_verifies(void **state)
{
	struct trial *trial = *state;

	trial_set_rules(trial, RULES("allow pub u/${user}", "allow pub a",
	                             "deny pub a/${user}"));
	trial_begin(trial, 4);
	expect_pass(trial, UP, PACKET("\x30\x09\x00\x07u/alice"));
	trial_set_login(trial, "web", "pw");
	trial_begin(trial, 4);
	expect_drop(trial, UP, PACKET("\x30\x09\x00\x07u/alice"));
	expect_drop(trial, UP, PACKET("\x30\x07\x00\x05u/web"));
	expect_pass(trial, UP, PACKET("\x30\x03\x00\x01\x61"));
}

static void a_judge_that_saw_no_connect_is_good_to_finish(void **state)
{
	static const struct judge_events events = { 0 };
	struct trial *trial = *state;
	struct judge judge;

	trial_set_rules(trial, RULES("allow pub u/${user}"));
	judge_init(&judge, &trial->route, &events, NULL);
	judge_finish(&judge);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TRIAL_TEST(a_plain_connect_of_mqtt_3_passes_as_it_came),
		TRIAL_TEST(a_connect_over_a_bound_is_replaced),
		TRIAL_TEST(a_broken_connect_does_not_enter),
		TRIAL_TEST(a_will_is_judged_as_a_publish),
		TRIAL_TEST(the_response_topic_of_a_will_is_judged_too),
		TRIAL_TEST(read_only_takes_no_will),
		TRIAL_TEST(without_rules_a_will_enters),
		TRIAL_TEST(a_client_id_of_another_form_does_not_enter),
		TRIAL_TEST(a_login_of_its_own_does_not_enter_beside_ours),
		TRIAL_TEST(rights_are_those_of_the_id_that_the_broker_sees),
		TRIAL_TEST(the_user_is_the_one_that_the_broker_verifies),
		TRIAL_TEST(a_judge_that_saw_no_connect_is_good_to_finish),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
