/* SPDX-License-Identifier: Apache-2.0 */
#include "json/request.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "frame.h"

#define BEGIN "{\"type\":\"publish\",\"id\":1,\"topic\":\"a/b\""

static const struct json_request *publish(const char *payload)
{
	char *text = compose(BEGIN ",\"payload\":", payload, "}");
	const struct json_request *request = frame_fine(text);

	free(text);
	return request;
}

static void refused(uint8_t code, const char *rest)
{
	char *text = compose(BEGIN, rest, "}");

	frame_refused(code, "1", text);
	free(text);
}

static void a_string_is_taken_without_its_escapes(void **state)
{
	(void)state;
	assert_slice(publish("\"21.5\"")->payload, "21.5");
	assert_slice(publish("\"\"")->payload, "");
	assert_slice(publish("\"a\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e4\"")->payload,
	             "a\"\\/\b\f\n\r\t\xc3\xa4");
	assert_octets(publish("\"a\\u0000b\"")->payload, "a\0b", 3);
	assert_slice(publish("\"\\u20ac\\ud83d\\ude00\"")->payload,
	             "\xe2\x82\xac\xf0\x9f\x98\x80");
}

static void any_other_value_is_taken_as_its_very_bytes(void **state)
{
	static const char *const values[] = {
		"0.1",
		"21.50",
		"1e3",
		"1E+3",
		"1e400",
		"-0",
		"-0.0",
		"18446744073709551616",
		"0.10000000000000000555111512312578270211815834045410156250",
		"true",
		"false",
		"null",
		"{}",
		"[]",
		"[ ]",
		"{\"b\":1,\"a\":2,\"10\":3,\"9\":4}",
		"{ \"v\" :\t[ 1 , 2.50,\n \"\\u0041\\/\" ] ,\"w\":{ } }",
		"[[[1],[]],{\"a\":[{}]}]",
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(values); i++) {
		char *spaced = compose(" \n", values[i], "\t ");

		assert_slice(publish(values[i])->payload, values[i]);
		assert_slice(publish(spaced)->payload, values[i]);
		free(spaced);
	}
}

static void fields_come_in_any_order(void **state)
{
	const struct json_request *request = frame_fine(
	    "{\"payload_encoding\":\"base64\",\"payload\":\"AP8=\","
	    "\"retain\":true,\"qos\":2,\"topic\":\"t\",\"type\":\"publish\"}");

	(void)state;
	assert_octets(request->payload, "\0\xff", 2);
	assert_slice(request->topic, "t");
	assert_int_equal(request->qos, 2);
	assert_true(request->is_retained);
}

static void qos_and_retain_are_0_and_false_by_default(void **state)
{
	const struct json_request *request = publish("1");

	(void)state;
	assert_int_equal(request->qos, 0);
	assert_false(request->is_retained);
	assert_int_equal(request->timeout_ms, 0);
	assert_false(json_properties_are_any(&request->properties));
}

static void plain_is_a_string(void **state)
{
	(void)state;
	assert_slice(publish("\"\\n\",\"payload_encoding\":\"plain\"")->payload,
	             "\n");
	refused(130, ",\"payload\":1,\"payload_encoding\":\"plain\"");
	refused(130, ",\"payload\":{},\"payload_encoding\":\"plain\"");
}

static void json_is_the_text_even_of_a_string(void **state)
{
	(void)state;
	assert_slice(
	    publish("\"a\\n\\u0041\",\"payload_encoding\":\"json\"")->payload,
	    "\"a\\n\\u0041\"");
	assert_slice(publish("21.50 ,\"payload_encoding\":\"json\"")->payload,
	             "21.50");
}

static void base64_is_strict(void **state)
{
	static const char *const bad[] = {
		"\"YQ\"",   "\"YQ=\"",    "\"YQ==\\n\"",    "\" YQ==\"",
		"\"YR==\"", "\"YWJ=\"",   "\"YQ==YQ==\"",   "\"====\"",
		"\"Y===\"", "\"YW-_\"",   "\"YW\\u0000=\"", "1",
		"{}",       "[\"YQ==\"]", "null",
	};

	(void)state;
	assert_slice(
	    publish("\"YW\\u0049=\",\"payload_encoding\":\"base64\"")->payload,
	    "ab");
	assert_slice(publish("\"\",\"payload_encoding\":\"base64\"")->payload,
	             "");
	assert_octets(
	    publish("\"+\\/+\\/\",\"payload_encoding\":\"base64\"")->payload,
	    "\xfb\xff\xbf", 3);
	for (size_t i = 0; i < LENGTH(bad); i++) {
		char *rest = compose(
		    ",\"payload_encoding\":\"base64\",\"payload\":", bad[i],
		    "");

		refused(153, rest);
		free(rest);
	}
}

static void another_encoding_is_answered(void **state)
{
	(void)state;
	refused(130, ",\"payload\":\"\",\"payload_encoding\":\"hex\"");
	refused(130, ",\"payload\":\"\",\"payload_encoding\":null");
	refused(130, ",\"payload\":\"\",\"payload_encoding\":1");
}

static void topic_and_payload_are_needed(void **state)
{
	(void)state;
	refused(130, "");
	refused(130, ",\"payload_encoding\":\"base64\"");
	frame_refused(130, "1",
	              "{\"type\":\"publish\",\"id\":1,\"payload\":1}");
	frame_refused(130, "1",
	              "{\"type\":\"request\",\"id\":1,\"payload\":1}");
	frame_refused(130, "1",
	              "{\"type\":\"request\",\"id\":1,\"topic\":\"a\"}");
	frame_refused(130, "1",
	              "{\"type\":\"publish\",\"id\":1,\"topic\":5,"
	              "\"payload\":1}");
	frame_refused(130, "1",
	              "{\"type\":\"publish\",\"id\":1,\"topic\":null,"
	              "\"payload\":1}");
}

static void what_no_topic_can_be_is_144(void **state)
{
	static const char *const topics[] = { "a\\u0000b", "\\u0001", "a\\n",
		                              "\\u007f",   "",        "a/#",
		                              "+",         "\\ufffe" };

	(void)state;
	for (size_t i = 0; i < LENGTH(topics); i++) {
		char *one =
		    compose("{\"type\":\"publish\",\"id\":1,\"payload\":"
		            "1,\"topic\":\"",
		            topics[i], "\"}");
		char *two =
		    compose("{\"type\":\"request\",\"id\":1,\"payload\":"
		            "1,\"topic\":\"",
		            topics[i], "\"}");

		frame_refused(144, "1", one);
		frame_refused(144, "1", two);
		free(two);
		free(one);
	}
}

static void a_topic_is_unescaped(void **state)
{
	(void)state;
	assert_slice(frame_fine("{\"type\":\"publish\",\"payload\":1,"
	                        "\"topic\":\"a\\/\\u00e4\"}")
	                 ->topic,
	             "a/\xc3\xa4");
}

static void a_known_field_has_its_type(void **state)
{
	static const char *const fields[] = {
		"\"qos\":1.0",       "\"qos\":true",
		"\"qos\":\"1\"",     "\"qos\":-0",
		"\"qos\":-1",        "\"qos\":1e0",
		"\"qos\":null",      "\"qos\":[1]",
		"\"retain\":1",      "\"retain\":\"\"",
		"\"retain\":null",   "\"properties\":null",
		"\"properties\":[]", "\"properties\":\"a\"",
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(fields); i++) {
		char *rest = compose(",\"payload\":1,", fields[i], "");

		refused(130, rest);
		free(rest);
	}
}

static void qos_above_2_is_155(void **state)
{
	(void)state;
	refused(155, ",\"payload\":1,\"qos\":3");
	refused(155, ",\"payload\":1,\"qos\":256");
	refused(155, ",\"payload\":1,\"qos\":4294967296");
	refused(155, ",\"payload\":1,\"qos\":18446744073709551616");
	assert_int_equal(publish("1,\"qos\":1")->qos, 1);
}

static const struct json_request *request_with(const char *rest)
{
	char *text = compose(
	    "{\"type\":\"request\",\"topic\":\"a\",\"payload\":{}", rest, "}");
	const struct json_request *request = frame_fine(text);

	free(text);
	return request;
}

static void a_request_waits_5_s_or_as_it_says(void **state)
{
	(void)state;
	assert_int_equal(request_with("")->timeout_ms, 5000);
	assert_int_equal(request_with("")->qos, 0);
	assert_int_equal(request_with(",\"timeout_ms\":1")->timeout_ms, 1);
	assert_int_equal(request_with(",\"timeout_ms\":300000")->timeout_ms,
	                 300000);
	assert_int_equal(request_with(",\"qos\":2")->qos, 2);
}

static void a_wrong_timeout_is_answered(void **state)
{
	static const char *const values[] = { "0",    "300001",
		                              "-1",   "1.5",
		                              "1e3",  "\"1\"",
		                              "null", "18446744073709551616" };

	(void)state;
	for (size_t i = 0; i < LENGTH(values); i++) {
		char *text = compose("{\"type\":\"request\",\"id\":1,\"topic\":"
		                     "\"a\",\"payload\":1,\"timeout_ms\":",
		                     values[i], "}");

		frame_refused(130, "1", text);
		free(text);
	}
}

static void response_topic_of_a_request_is_the_gateways(void **state)
{
	(void)state;
	frame_refused(130, "1",
	              "{\"type\":\"request\",\"id\":1,\"topic\":\"a\","
	              "\"payload\":1,\"properties\":{\"response_topic\":"
	              "\"b\"}}");
	frame_refused(130, "1",
	              "{\"type\":\"request\",\"id\":1,\"topic\":\"a\","
	              "\"payload\":1,\"properties\":{\"correlation_data\":"
	              "\"\"}}");
	assert_true(request_with(",\"properties\":{\"message_expiry_"
	                         "interval\":5}")
	                ->properties.has_expiry);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_string_is_taken_without_its_escapes),
		cmocka_unit_test(any_other_value_is_taken_as_its_very_bytes),
		cmocka_unit_test(fields_come_in_any_order),
		cmocka_unit_test(qos_and_retain_are_0_and_false_by_default),
		cmocka_unit_test(plain_is_a_string),
		cmocka_unit_test(json_is_the_text_even_of_a_string),
		cmocka_unit_test(base64_is_strict),
		cmocka_unit_test(another_encoding_is_answered),
		cmocka_unit_test(topic_and_payload_are_needed),
		cmocka_unit_test(what_no_topic_can_be_is_144),
		cmocka_unit_test(a_topic_is_unescaped),
		cmocka_unit_test(a_known_field_has_its_type),
		cmocka_unit_test(qos_above_2_is_155),
		cmocka_unit_test(a_request_waits_5_s_or_as_it_says),
		cmocka_unit_test(a_wrong_timeout_is_answered),
		cmocka_unit_test(response_topic_of_a_request_is_the_gateways),
	};

	return cmocka_run_group_tests(tests, NULL, frame_teardown);
}
