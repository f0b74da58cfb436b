/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which subprotocol is chosen from the client's list.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "policy/subprotocol.h"

static char mqtt[] = "mqtt";
static char mqtt31[] = "mqttv3.1";
static struct config_text names[] = { { .value = mqtt }, { .value = mqtt31 } };
static const struct config_texts two_names = { names, 2 };
static const struct config_texts no_names = { NULL, 0 };
static const struct subprotocol_rule both = { &two_names, false, false };
static const struct subprotocol_rule none = { &no_names, false, false };
static const struct subprotocol_rule both_or_none = { &two_names, true, false };
static const struct subprotocol_rule open_both = { &two_names, true, true };
static const struct subprotocol_rule any = { &no_names, true, true };

static void expect_choice(const struct subprotocol_rule *rule, const char *list,
                          const char *name)
{
	struct header header = { HEADER_ONE, slice_from_text(list) };
	struct slice out = { NULL, 0 };

	assert_int_equal(subprotocol_choose(rule, &header, &out), CLOSE_NONE);
	if (!slice_is(out, name))
		fail_msg("\"%s\": %.*s", list, (int)out.len,
		         (const char *)out.data);
}

static void expect_chosen(const char *list, const char *name)
{
	expect_choice(&both, list, name);
}

static void expect_refused(struct header header, enum close_reason reason)
{
	struct slice out = { NULL, 7 };

	assert_int_equal(subprotocol_choose(&both, &header, &out), reason);
	assert_int_equal(out.len, 7);
}

static void expect_list_refused(const char *list, enum close_reason reason)
{
	struct header header = { HEADER_ONE, slice_from_text(list) };

	expect_refused(header, reason);
}

static void first_name_that_the_route_knows_is_chosen(void **state)
{
	(void)state;
	expect_chosen("mqtt", "mqtt");
	expect_chosen("mqttv3.1", "mqttv3.1");
	expect_chosen("mqtt, mqttv3.1", "mqtt");
	expect_chosen("mqttv3.1, mqtt", "mqttv3.1");
	expect_chosen("chat,mqttv3.1,mqtt", "mqttv3.1");
	expect_chosen(" \tchat\t,\t mqtt ", "mqtt");
	expect_chosen("MQTT, mqtt", "mqtt");
	expect_chosen("mqtt, mqtt", "mqtt");
}

static void unknown_names_are_refused(void **state)
{
	(void)state;
	expect_list_refused("chat", CLOSE_NO_SUBPROTOCOL);
	expect_list_refused("MQTT", CLOSE_NO_SUBPROTOCOL);
	expect_list_refused("mqt", CLOSE_NO_SUBPROTOCOL);
	expect_list_refused("mqttv3", CLOSE_NO_SUBPROTOCOL);
	expect_list_refused("mqttv3.11, mqttt", CLOSE_NO_SUBPROTOCOL);
	expect_list_refused("!#$%&'*+-.^_`|~", CLOSE_NO_SUBPROTOCOL);
}

static void empty_list_names_no_subprotocol(void **state)
{
	struct header absent = { HEADER_ABSENT, { NULL, 0 } };

	(void)state;
	expect_list_refused("", CLOSE_NO_SUBPROTOCOL);
	expect_list_refused(" \t ", CLOSE_NO_SUBPROTOCOL);
	expect_refused(absent, CLOSE_NO_SUBPROTOCOL);
}

static void malformed_list_is_refused_wherever_it_breaks(void **state)
{
	struct header nul = { HEADER_ONE, { (const uint8_t *)"mqtt\0", 5 } };

	(void)state;
	expect_list_refused("mqtt,", CLOSE_BAD_REQUEST);
	expect_list_refused(",mqtt", CLOSE_BAD_REQUEST);
	expect_list_refused("mqtt,,chat", CLOSE_BAD_REQUEST);
	expect_list_refused(",", CLOSE_BAD_REQUEST);
	expect_list_refused("mqtt chat", CLOSE_BAD_REQUEST);
	expect_list_refused("mqtt; chat", CLOSE_BAD_REQUEST);
	expect_list_refused("\"mqtt\"", CLOSE_BAD_REQUEST);
	expect_list_refused("mqtt, ch\x01t", CLOSE_BAD_REQUEST);
	expect_list_refused("mqtt\xc3\xa9", CLOSE_BAD_REQUEST);
	expect_list_refused("mqtt\r", CLOSE_BAD_REQUEST);
	expect_refused(nul, CLOSE_BAD_REQUEST);
}

static void several_fields_are_one_list(void **state)
{
	struct header joined = { HEADER_REPEATED,
		                 slice_from_text("chat,mqttv3.1") };
	struct header unread = { HEADER_REPEATED, { NULL, 0 } };
	struct header unreadable = { HEADER_UNREADABLE, { NULL, 0 } };
	struct slice out = { NULL, 0 };

	(void)state;
	assert_int_equal(subprotocol_choose(&both, &joined, &out), CLOSE_NONE);
	assert_true(slice_is(out, "mqttv3.1"));
	expect_refused(unread, CLOSE_BAD_REQUEST);
	expect_refused(unreadable, CLOSE_BAD_REQUEST);
}

static void route_without_names_knows_none(void **state)
{
	struct header header = { HEADER_ONE, slice_from_text("mqtt") };
	struct slice out;

	(void)state;
	assert_int_equal(subprotocol_choose(&none, &header, &out),
	                 CLOSE_NO_SUBPROTOCOL);
}

static void expect_refusal(const struct subprotocol_rule *rule,
                           const char *list, enum close_reason reason)
{
	struct header header = { HEADER_ONE, slice_from_text(list) };
	struct slice out = { NULL, 7 };

	assert_int_equal(subprotocol_choose(rule, &header, &out), reason);
	assert_int_equal(out.len, 7);
}

static void no_list_is_answered_by_none_where_that_is_fine(void **state)
{
	static const struct subprotocol_rule *const rules[] = { &both_or_none,
		                                                &open_both,
		                                                &any };
	struct header absent = { HEADER_ABSENT, { NULL, 0 } };
	struct header unreadable = { HEADER_UNREADABLE, { NULL, 0 } };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct slice out = { NULL, 7 };

		assert_int_equal(subprotocol_choose(rules[i], &absent, &out),
		                 CLOSE_NONE);
		assert_int_equal(out.len, 0);
		assert_int_equal(
		    subprotocol_choose(rules[i], &unreadable, &out),
		    CLOSE_BAD_REQUEST);
	}
}

static void list_wants_an_answer_even_where_none_is_fine(void **state)
{
	(void)state;
	expect_choice(&both_or_none, "chat, mqttv3.1", "mqttv3.1");
	expect_refusal(&both_or_none, "chat", CLOSE_NO_SUBPROTOCOL);
	expect_refusal(&both_or_none, "", CLOSE_NO_SUBPROTOCOL);
	expect_refusal(&both_or_none, "mqtt,", CLOSE_BAD_REQUEST);
}

static void first_of_the_list_is_chosen_where_any_is_fine(void **state)
{
	(void)state;
	expect_choice(&any, "chat", "chat");
	expect_choice(&any, "graphql-ws, mqtt", "graphql-ws");
	expect_refusal(&any, "chat,", CLOSE_BAD_REQUEST);
	expect_refusal(&any, "", CLOSE_NO_SUBPROTOCOL);
}

static void known_names_are_the_only_ones_where_there_are_some(void **state)
{
	(void)state;
	expect_choice(&open_both, "chat, mqtt", "mqtt");
	expect_refusal(&open_both, "chat", CLOSE_NO_SUBPROTOCOL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(first_name_that_the_route_knows_is_chosen),
		cmocka_unit_test(unknown_names_are_refused),
		cmocka_unit_test(empty_list_names_no_subprotocol),
		cmocka_unit_test(malformed_list_is_refused_wherever_it_breaks),
		cmocka_unit_test(several_fields_are_one_list),
		cmocka_unit_test(route_without_names_knows_none),
		cmocka_unit_test(
		    no_list_is_answered_by_none_where_that_is_fine),
		cmocka_unit_test(list_wants_an_answer_even_where_none_is_fine),
		cmocka_unit_test(first_of_the_list_is_chosen_where_any_is_fine),
		cmocka_unit_test(
		    known_names_are_the_only_ones_where_there_are_some),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
