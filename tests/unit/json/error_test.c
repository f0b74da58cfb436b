/* SPDX-License-Identifier: Apache-2.0 */
#include "json/error.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void codes_have_the_names_of_mqtt_5(void **state)
{
	(void)state;
	assert_string_equal(json_error_name(0), "success");
	assert_string_equal(json_error_name(17), "no_subscription_existed");
	assert_string_equal(json_error_name(128), "unspecified_error");
	assert_string_equal(json_error_name(129), "malformed_packet");
	assert_string_equal(json_error_name(130), "protocol_error");
	assert_string_equal(json_error_name(135), "not_authorized");
	assert_string_equal(json_error_name(136), "server_unavailable");
	assert_string_equal(json_error_name(143), "topic_filter_invalid");
	assert_string_equal(json_error_name(144), "topic_name_invalid");
	assert_string_equal(json_error_name(149), "packet_too_large");
	assert_string_equal(json_error_name(151), "quota_exceeded");
	assert_string_equal(json_error_name(153), "payload_format_invalid");
	assert_string_equal(json_error_name(155), "qos_not_supported");
	assert_string_equal(json_error_name(162),
	                    "wildcard_subscriptions_not_supported");
}

static void an_unknown_code_is_unspecified(void **state)
{
	(void)state;
	assert_string_equal(json_error_name(3), "unspecified_error");
	assert_string_equal(json_error_name(163), "unspecified_error");
	assert_string_equal(json_error_name(255), "unspecified_error");
}

static void code_131_has_names_of_our_own(void **state)
{
	struct json_error error = json_error_not_supported("use MQTT 5");

	(void)state;
	assert_int_equal(error.code, 131);
	assert_string_equal(error.name, "not_supported");
	assert_string_equal(error.message, "use MQTT 5");
	assert_false(error.is_temporary);
	error = json_error_timeout();
	assert_int_equal(error.code, 131);
	assert_string_equal(error.name, "timeout");
	assert_true(error.is_temporary);
	error = json_error_of(135, "ask for it");
	assert_string_equal(error.name, "not_authorized");
	assert_false(error.is_temporary);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(codes_have_the_names_of_mqtt_5),
		cmocka_unit_test(an_unknown_code_is_unspecified),
		cmocka_unit_test(code_131_has_names_of_our_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
