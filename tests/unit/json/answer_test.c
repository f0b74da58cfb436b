/* SPDX-License-Identifier: Apache-2.0 */
#include "json/answer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "frame.h"
#include "json/error.h"
#include "json/text.h"

static struct json_text text;

static struct slice slice(const char *string)
{
	return slice_from_text(string);
}

static void expect(bool is_written, const char *frame)
{
	assert_true(is_written);
	assert_slice(json_text_written(&text), frame);
}

static int teardown(void **state)
{
	(void)state;
	json_text_finish(&text);
	return 0;
}

static void connected_tells_the_session(void **state)
{
	struct json_connected connected = {
		.session = slice("2-41"),
		.client_id = slice("web-anna-7f"),
		.user = slice("anna"),
		.ping_interval_s = 25,
		.expires_in_s = 900,
		.packet_bytes = 1048576,
		.messages_per_s = 200,
		.subscriptions = 64,
		.mqtt_version = 5,
	};

	(void)state;
	expect(json_answer_connected(&text, &connected),
	       "{\"type\":\"connected\",\"session\":\"2-41\",\"client_id\":"
	       "\"web-anna-7f\",\"user\":\"anna\",\"ping_interval\":25,"
	       "\"expires_in\":900,\"limits\":{\"packet_bytes\":1048576,"
	       "\"messages_per_s\":200,\"subscriptions\":64},\"mqtt\":{"
	       "\"version\":5,\"session_present\":false}}");
	connected.user = (struct slice){ NULL, 0 };
	connected.expires_in_s = 0;
	connected.messages_per_s = 0;
	connected.has_session = true;
	expect(json_answer_connected(&text, &connected),
	       "{\"type\":\"connected\",\"session\":\"2-41\",\"client_id\":"
	       "\"web-anna-7f\",\"ping_interval\":25,\"limits\":{"
	       "\"packet_bytes\":1048576,\"messages_per_s\":0,"
	       "\"subscriptions\":64},\"mqtt\":{\"version\":5,"
	       "\"session_present\":true}}");
}

static void an_ack_brings_the_reason_code(void **state)
{
	(void)state;
	expect(json_answer_ack(&text, slice("3"), 16),
	       "{\"type\":\"ack\",\"id\":3,\"success\":true,"
	       "\"reason_code\":16}");
	expect(json_answer_ack(&text, slice("\"\\u0041\""), 0),
	       "{\"type\":\"ack\",\"id\":\"\\u0041\",\"success\":true,"
	       "\"reason_code\":0}");
}

static void outcomes_are_a_success_when_all_are(void **state)
{
	struct json_outcome outcomes[] = { { slice("plant/+/temp"), 1 },
		                           { slice("a\"b"), 0 } };

	(void)state;
	expect(json_answer_topics(&text, slice("1"), outcomes, 1, NULL),
	       "{\"type\":\"ack\",\"id\":1,\"success\":true,\"reason_code\":1,"
	       "\"topics\":[{\"topic\":\"plant/+/temp\",\"reason_code\":1}]}");
	expect(json_answer_topics(&text, slice("1"), outcomes, 2, NULL),
	       "{\"type\":\"ack\",\"id\":1,\"success\":true,\"reason_code\":1,"
	       "\"topics\":[{\"topic\":\"plant/+/temp\",\"reason_code\":1},"
	       "{\"topic\":\"a\\\"b\",\"reason_code\":0}]}");
}

static void one_refused_outcome_is_a_failure(void **state)
{
	struct json_outcome outcomes[] = { { slice("a"), 0 },
		                           { slice("b"), 135 },
		                           { slice("c"), 151 } };
	struct json_error error = json_error_of(151, "close some");

	(void)state;
	expect(json_answer_topics(&text, slice("1"), outcomes, 3, NULL),
	       "{\"type\":\"ack\",\"id\":1,\"success\":false,\"reason_code\":0,"
	       "\"error\":{\"code\":135,\"name\":\"not_authorized\","
	       "\"message\":\"a filter was refused; see topics\","
	       "\"temporary\":false},\"topics\":[{\"topic\":\"a\","
	       "\"reason_code\":0},{\"topic\":\"b\",\"reason_code\":135},"
	       "{\"topic\":\"c\",\"reason_code\":151}]}");
	expect(json_answer_topics(&text, slice("1"), outcomes + 2, 1, &error),
	       "{\"type\":\"ack\",\"id\":1,\"success\":false,"
	       "\"reason_code\":151,\"error\":{\"code\":151,\"name\":"
	       "\"quota_exceeded\",\"message\":\"close some\",\"temporary\":"
	       "false},\"topics\":[{\"topic\":\"c\",\"reason_code\":151}]}");
}

static void a_refusal_is_an_ack_when_there_is_an_id(void **state)
{
	struct json_error error = json_error_of(135, "ask for rights");

	(void)state;
	error.is_temporary = true;
	expect(json_answer_refusal(&text, slice("3"), &error),
	       "{\"type\":\"ack\",\"id\":3,\"success\":false,\"error\":{"
	       "\"code\":135,\"name\":\"not_authorized\",\"message\":"
	       "\"ask for rights\",\"temporary\":true}}");
	expect(json_answer_refusal(&text, (struct slice){ NULL, 0 }, &error),
	       "{\"type\":\"error\",\"error\":{\"code\":135,\"name\":"
	       "\"not_authorized\",\"message\":\"ask for rights\","
	       "\"temporary\":true}}");
}

static void a_response_brings_a_payload(void **state)
{
	(void)state;
	expect(json_answer_response(&text, slice("4"), slice("ok"),
	                            JSON_FORM_AUTO),
	       "{\"type\":\"response\",\"id\":4,\"payload\":\"ok\"}");
	expect(json_answer_response(&text, slice("4"), slice("\xff"),
	                            JSON_FORM_AUTO),
	       "{\"type\":\"response\",\"id\":4,\"payload\":\"/w==\","
	       "\"payload_encoding\":\"base64\"}");
	expect(json_answer_response(&text, slice("4"), slice("{\"a\": 1.0}"),
	                            JSON_FORM_JSON),
	       "{\"type\":\"response\",\"id\":4,\"payload\":{\"a\": 1.0},"
	       "\"payload_encoding\":\"json\"}");
}

static void a_status_tells_of_the_broker(void **state)
{
	(void)state;
	expect(json_answer_status(&text, JSON_UPSTREAM_RECONNECTING, 12, 2000),
	       "{\"type\":\"status\",\"upstream\":\"reconnecting\","
	       "\"queued\":12,\"retry_in_ms\":2000}");
	expect(json_answer_status(&text, JSON_UPSTREAM_DOWN, 0, 0),
	       "{\"type\":\"status\",\"upstream\":\"down\",\"queued\":0,"
	       "\"retry_in_ms\":0}");
	expect(json_answer_status(&text, JSON_UPSTREAM_UP, 3, 0),
	       "{\"type\":\"status\",\"upstream\":\"up\",\"queued\":3}");
}

static void what_was_dropped_is_counted(void **state)
{
	(void)state;
	expect(json_answer_dropped(&text, slice("plant/l1/temp"), 37,
	                           JSON_DROP_SLOW_CONSUMER),
	       "{\"type\":\"dropped\",\"topic\":\"plant/l1/temp\","
	       "\"count\":37,\"reason\":\"slow_consumer\"}");
	expect(
	    json_answer_dropped(&text, slice("a"), UINT64_MAX, JSON_DROP_RATE),
	    "{\"type\":\"dropped\",\"topic\":\"a\",\"count\":"
	    "18446744073709551615,\"reason\":\"rate\"}");
}

static void the_short_ones_are_short(void **state)
{
	(void)state;
	expect(json_answer_expiring(&text, 60),
	       "{\"type\":\"expiring\",\"in_s\":60}");
	expect(json_answer_pong(&text, slice("6")),
	       "{\"type\":\"pong\",\"id\":6}");
	expect(json_answer_pong(&text, (struct slice){ NULL, 0 }),
	       "{\"type\":\"pong\"}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(connected_tells_the_session),
		cmocka_unit_test(an_ack_brings_the_reason_code),
		cmocka_unit_test(outcomes_are_a_success_when_all_are),
		cmocka_unit_test(one_refused_outcome_is_a_failure),
		cmocka_unit_test(a_refusal_is_an_ack_when_there_is_an_id),
		cmocka_unit_test(a_response_brings_a_payload),
		cmocka_unit_test(a_status_tells_of_the_broker),
		cmocka_unit_test(what_was_dropped_is_counted),
		cmocka_unit_test(the_short_ones_are_short),
	};

	return cmocka_run_group_tests(tests, NULL, teardown);
}
