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
static const struct config_texts both = { names, 2 };
static const struct config_texts none = { NULL, 0 };

static void expect_chosen(const char *list, const char *name)
{
	struct header header = { HEADER_ONE, slice_from_text(list) };
	struct slice out = { NULL, 0 };

	assert_int_equal(subprotocol_choose(&both, &header, &out), CLOSE_NONE);
	if (!slice_is(out, name))
		fail_msg("\"%s\": %.*s", list, (int)out.len,
		         (const char *)out.data);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(first_name_that_the_route_knows_is_chosen),
		cmocka_unit_test(unknown_names_are_refused),
		cmocka_unit_test(empty_list_names_no_subprotocol),
		cmocka_unit_test(malformed_list_is_refused_wherever_it_breaks),
		cmocka_unit_test(several_fields_are_one_list),
		cmocka_unit_test(route_without_names_knows_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
