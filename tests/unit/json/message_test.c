/* SPDX-License-Identifier: Apache-2.0 */
#include "json/answer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "frame.h"
#include "json/text.h"

#define BEGIN "{\"type\":\"message\",\"topic\":\"plant/l1/temp\",\"payload\":"
#define MIDDLE ",\"qos\":1,\"retain\":false,\"seq\":4711,\"ts\":1795383373123,"
#define EMPTY "\"properties\":{}}"
#define LIMIT_S 2

static struct json_text text;

static struct json_message sample(struct slice payload, enum json_form form)
{
	return (struct json_message){ .topic = slice_from_text("plant/l1/temp"),
		                      .payload = payload,
		                      .form = form,
		                      .qos = 1,
		                      .seq = 4711,
		                      .ts_ms = UINT64_C(1795383373123) };
}

static void expect_payload(const char *payload, enum json_form form,
                           const char *written)
{
	struct json_message message = sample(slice_from_text(payload), form);
	char *frame = compose(BEGIN, written, MIDDLE EMPTY);

	assert_true(json_answer_message(&text, &message));
	assert_slice(json_text_written(&text), frame);
	free(frame);
}

static void expect_properties(const struct json_properties *properties,
                              const char *written)
{
	struct json_message message =
	    sample(slice_from_text("1"), JSON_FORM_AUTO);
	char *frame =
	    compose(BEGIN "\"1\"" MIDDLE "\"properties\":{", written, "}}");

	message.properties = *properties;
	assert_true(json_answer_message(&text, &message));
	assert_slice(json_text_written(&text), frame);
	free(frame);
}

static int teardown(void **state)
{
	(void)state;
	json_text_finish(&text);
	return 0;
}

static void utf8_is_a_string(void **state)
{
	(void)state;
	expect_payload("21.5", JSON_FORM_AUTO, "\"21.5\"");
	expect_payload("", JSON_FORM_AUTO, "\"\"");
	expect_payload("{\"a\":1}", JSON_FORM_AUTO, "\"{\\\"a\\\":1}\"");
	expect_payload("\xc3\xa4/\x7f\n", JSON_FORM_AUTO,
	               "\"\xc3\xa4/\x7f\\n\"");
}

static void what_is_not_utf8_is_base64(void **state)
{
	struct json_message message;

	(void)state;
	expect_payload("\xff", JSON_FORM_AUTO,
	               "\"/w==\",\"payload_encoding\":\"base64\"");
	expect_payload("\"\xff\"", JSON_FORM_JSON,
	               "\"Iv8i\",\"payload_encoding\":\"base64\"");
	message = sample((struct slice){ (const uint8_t *)"a\0b", 3 },
	                 JSON_FORM_AUTO);
	assert_true(json_answer_message(&text, &message));
	assert_slice(json_text_written(&text),
	             BEGIN "\"a\\u0000b\"" MIDDLE EMPTY);
}

static void base64_is_always_base64(void **state)
{
	(void)state;
	expect_payload("ab", JSON_FORM_BASE64,
	               "\"YWI=\",\"payload_encoding\":\"base64\"");
	expect_payload("", JSON_FORM_BASE64,
	               "\"\",\"payload_encoding\":\"base64\"");
}

static void json_goes_out_as_its_very_bytes(void **state)
{
	static const char *const payloads[] = {
		"0.1",
		"21.50",
		"1e3",
		"1e400",
		"-0",
		"18446744073709551616",
		"{ \"b\": 1,\n\"a\" :2.0 }",
		"\"\\u0041\"",
		" null ",
		"[]",
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(payloads); i++) {
		char *written =
		    compose("", payloads[i], ",\"payload_encoding\":\"json\"");

		expect_payload(payloads[i], JSON_FORM_JSON, written);
		free(written);
	}
}

static void json_that_is_none_is_a_string(void **state)
{
	(void)state;
	expect_payload("abc", JSON_FORM_JSON, "\"abc\"");
	expect_payload("", JSON_FORM_JSON, "\"\"");
	expect_payload("1 2", JSON_FORM_JSON, "\"1 2\"");
	expect_payload("{} \"", JSON_FORM_JSON, "\"{} \\\"\"");
}

static void properties_have_the_names_they_are_given_by(void **state)
{
	struct json_properties properties = {
		.content_type = slice_from_text("text/plain"),
		.response_topic = slice_from_text("a/b"),
		.correlation_data = slice_from_text("x\"y"),
		.has_expiry = true,
		.expiry_s = 4294967295,
		.has_format = true,
		.format = 1,
	};

	(void)state;
	expect_properties(&properties,
	                  "\"content_type\":\"text/plain\",\"response_topic\":"
	                  "\"a/b\",\"correlation_data\":\"x\\\"y\","
	                  "\"message_expiry_interval\":4294967295,"
	                  "\"payload_format_indicator\":1");
	properties = (struct json_properties){
		.correlation_data = { (const uint8_t *)"\0\xff", 2 },
		.has_expiry = true,
	};
	expect_properties(&properties,
	                  "\"correlation_data\":\"AP8=\","
	                  "\"correlation_data_encoding\":\"base64\","
	                  "\"message_expiry_interval\":0");
	properties = (struct json_properties){
		.content_type = slice_from_text(""),
	};
	expect_properties(&properties, "\"content_type\":\"\"");
}

static void the_same_name_again_makes_an_array(void **state)
{
	struct json_user_property users[] = {
		{ slice_from_text("z"), slice_from_text("1") },
		{ slice_from_text("a"), slice_from_text("2") },
		{ slice_from_text("z"), slice_from_text("3") },
		{ { NULL, 0 }, { NULL, 0 } },
		{ slice_from_text("z"), slice_from_text("") },
		{ slice_from_text("\""), slice_from_text("\\") },
	};
	struct json_properties properties = { .user_properties = users,
		                              .user_property_count =
		                                  LENGTH(users) };

	(void)state;
	expect_properties(&properties,
	                  "\"user_properties\":{\"z\":[\"1\",\"3\",\"\"],"
	                  "\"a\":\"2\",\"\":\"\",\"\\\"\":\"\\\\\"}");
}

static void a_hundred_thousand_user_properties_are_written(void **state)
{
	static struct json_user_property users[100000];
	static uint8_t names[LENGTH(users)][3];
	struct json_message message =
	    sample(slice_from_text("1"), JSON_FORM_AUTO);
	clock_t begin = clock();

	(void)state;
	for (size_t i = 0; i < LENGTH(users); i++) {
		names[i][0] = (uint8_t)('a' + i % 26);
		names[i][1] = (uint8_t)('a' + i / 26 % 26);
		names[i][2] = (uint8_t)('a' + i / 676 % 26);
		users[i].name = (struct slice){ names[i], sizeof(names[i]) };
	}
	message.properties.user_properties = users;
	message.properties.user_property_count = LENGTH(users);
	assert_true(json_answer_message(&text, &message));
	assert_true(json_is_value(json_text_written(&text)));
	assert_true(clock() - begin < LIMIT_S * CLOCKS_PER_SEC);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(utf8_is_a_string),
		cmocka_unit_test(what_is_not_utf8_is_base64),
		cmocka_unit_test(base64_is_always_base64),
		cmocka_unit_test(json_goes_out_as_its_very_bytes),
		cmocka_unit_test(json_that_is_none_is_a_string),
		cmocka_unit_test(properties_have_the_names_they_are_given_by),
		cmocka_unit_test(the_same_name_again_makes_an_array),
		cmocka_unit_test(
		    a_hundred_thousand_user_properties_are_written),
	};

	return cmocka_run_group_tests(tests, NULL, teardown);
}
