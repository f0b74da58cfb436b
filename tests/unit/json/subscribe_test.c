/* SPDX-License-Identifier: Apache-2.0 */
#include "json/request.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "frame.h"

static const struct json_request *subscribe(const char *rest)
{
	char *text = compose("{\"type\":\"subscribe\"", rest, "}");
	const struct json_request *request = frame_fine(text);

	free(text);
	return request;
}

static void refused(uint8_t code, const char *rest)
{
	char *text = compose("{\"type\":\"subscribe\",\"id\":1", rest, "}");

	frame_refused(code, "1", text);
	free(text);
}

static void expect(const struct json_topic *topic, const char *filter,
                   uint8_t qos, enum json_form as, uint32_t interval_ms)
{
	assert_slice(topic->topic, filter);
	assert_int_equal(topic->qos, qos);
	assert_int_equal(topic->as, as);
	assert_int_equal(topic->interval_ms, interval_ms);
}

static void one_topic_is_a_list_of_one(void **state)
{
	const struct json_request *request =
	    subscribe(",\"topic\":\"plant\\/+/temp\",\"qos\":1");

	(void)state;
	assert_int_equal(request->topic_count, 1);
	expect(request->topics, "plant/+/temp", 1, JSON_FORM_AUTO, 0);
	request = subscribe(",\"topic\":\"#\"");
	expect(request->topics, "#", 0, JSON_FORM_AUTO, 0);
}

static void entries_override_what_stands_beside_them(void **state)
{
	const struct json_request *request = subscribe(
	    ",\"topics\":[\"a\",{\"topic\":\"b\"},{\"qos\":0,\"topic\":\"c\","
	    "\"as\":\"base64\",\"max_rate\":2}],\"qos\":2,\"as\":\"json\","
	    "\"max_rate\":10");

	(void)state;
	assert_int_equal(request->topic_count, 3);
	expect(&request->topics[0], "a", 2, JSON_FORM_JSON, 100);
	expect(&request->topics[1], "b", 2, JSON_FORM_JSON, 100);
	expect(&request->topics[2], "c", 0, JSON_FORM_BASE64, 500);
}

static void an_unsubscribe_has_filters_only(void **state)
{
	const struct json_request *request = frame_fine(
	    "{\"type\":\"unsubscribe\",\"topics\":[\"a/#\",{\"topic\""
	    ":\"b\",\"qos\":7}],\"qos\":\"x\",\"as\":5}");

	(void)state;
	assert_int_equal(request->topic_count, 2);
	expect(&request->topics[0], "a/#", 0, JSON_FORM_AUTO, 0);
	expect(&request->topics[1], "b", 0, JSON_FORM_AUTO, 0);
}

static void either_topic_or_topics_is_needed(void **state)
{
	(void)state;
	refused(130, "");
	refused(130, ",\"topic\":\"a\",\"topics\":[\"a\"]");
	refused(130, ",\"topic\":5");
	refused(130, ",\"topics\":\"a\"");
	refused(130, ",\"topics\":{\"topic\":\"a\"}");
	refused(130, ",\"topics\":null");
	refused(130, ",\"topics\":[]");
	refused(130, ",\"topics\":[5]");
	refused(130, ",\"topics\":[\"a\",null]");
	refused(130, ",\"topics\":[[\"a\"]]");
	refused(130, ",\"topics\":[{}]");
	refused(130, ",\"topics\":[{\"topic\":5}]");
	refused(130, ",\"topics\":[{\"topics\":[\"a\"]}]");
	frame_refused(130, "1", "{\"type\":\"unsubscribe\",\"id\":1}");
}

static void up_to_64_topics_are_taken(void **state)
{
	char *entries = repeat("\"a\",", 63);
	char *fine = compose(",\"topics\":[", entries, "\"b\"]");
	char *more = compose(",\"topics\":[\"c\",", entries, "\"b\"]");

	(void)state;
	assert_int_equal(subscribe(fine)->topic_count, 64);
	refused(130, more);
	free(more);
	free(fine);
	free(entries);
}

static void what_no_filter_can_be_is_143(void **state)
{
	static const char *const topics[] = {
		"a\\u0000b", "\\u0001", "a\\n", "\\u007f",  "",
		"a#",        "a/#/b",   "a+",   "$share/g", "$share//a"
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(topics); i++) {
		char *one = compose(",\"topic\":\"", topics[i], "\"");
		char *list = compose(",\"topics\":[\"a\",{\"topic\":\"",
		                     topics[i], "\"}]");
		char *out =
		    compose("{\"type\":\"unsubscribe\",\"id\":1,\"topic\":\"",
		            topics[i], "\"}");

		refused(143, one);
		refused(143, list);
		frame_refused(143, "1", out);
		free(out);
		free(list);
		free(one);
	}
	assert_int_equal(subscribe(",\"topic\":\"$share/g/a\"")->topic_count,
	                 1);
}

static void qos_is_an_integer_up_to_2(void **state)
{
	(void)state;
	refused(155, ",\"topic\":\"a\",\"qos\":3");
	refused(155, ",\"topics\":[{\"topic\":\"a\",\"qos\":3}]");
	refused(130, ",\"topic\":\"a\",\"qos\":1.0");
	refused(130, ",\"topic\":\"a\",\"qos\":-0");
	refused(130, ",\"topics\":[{\"topic\":\"a\",\"qos\":\"1\"}]");
}

static void the_forms_have_names(void **state)
{
	(void)state;
	expect(subscribe(",\"topic\":\"a\",\"as\":\"auto\"")->topics, "a", 0,
	       JSON_FORM_AUTO, 0);
	expect(subscribe(",\"topic\":\"a\",\"as\":\"plain\"")->topics, "a", 0,
	       JSON_FORM_AUTO, 0);
	expect(subscribe(",\"topic\":\"a\",\"as\":\"json\"")->topics, "a", 0,
	       JSON_FORM_JSON, 0);
	expect(subscribe(",\"topic\":\"a\",\"as\":\"base64\"")->topics, "a", 0,
	       JSON_FORM_BASE64, 0);
	refused(130, ",\"topic\":\"a\",\"as\":\"text\"");
	refused(130, ",\"topic\":\"a\",\"as\":\"\"");
	refused(130, ",\"topic\":\"a\",\"as\":1");
	refused(130, ",\"topics\":[{\"topic\":\"a\",\"as\":null}]");
	expect(subscribe(",\"topics\":[{\"topic\":\"a\",\"as\":\"plain\"}],"
	                 "\"as\":\"json\"")
	           ->topics,
	       "a", 0, JSON_FORM_AUTO, 0);
}

static void a_rate_is_a_least_time(void **state)
{
	static const struct {
		const char *rate;
		uint32_t interval_ms;
	} rows[] = {
		{ "1", 1000 },
		{ "0.2", 5000 },
		{ "1e1", 100 },
		{ "3", 334 },
		{ "1000", 1 },
		{ "1001", 1 },
		{ "1000000", 1 },
		{ "2.5e-1", 4000 },
		{ "0.3", 3334 },
		{ "1E+3", 1 },
		{ "0.0000001", UINT32_MAX },
		{ "1e-300", UINT32_MAX },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(rows); i++) {
		char *rest =
		    compose(",\"topic\":\"a\",\"max_rate\":", rows[i].rate, "");

		expect(subscribe(rest)->topics, "a", 0, JSON_FORM_AUTO,
		       rows[i].interval_ms);
		free(rest);
	}
}

static void a_wrong_rate_is_answered(void **state)
{
	char *zeros = repeat("0", 64);
	char *tiny = compose("0.", zeros, "1");
	const char *const rates[] = { "0",    "-0",    "-1",        "0.0",
		                      "1e7",  "1e400", "1000000.1", "\"1\"",
		                      "true", "null",  "[1]",       "1000001",
		                      tiny };

	(void)state;
	for (size_t i = 0; i < LENGTH(rates); i++) {
		char *rest =
		    compose(",\"topic\":\"a\",\"max_rate\":", rates[i], "");

		refused(130, rest);
		free(rest);
	}
	free(tiny);
	free(zeros);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_topic_is_a_list_of_one),
		cmocka_unit_test(entries_override_what_stands_beside_them),
		cmocka_unit_test(an_unsubscribe_has_filters_only),
		cmocka_unit_test(either_topic_or_topics_is_needed),
		cmocka_unit_test(up_to_64_topics_are_taken),
		cmocka_unit_test(what_no_filter_can_be_is_143),
		cmocka_unit_test(qos_is_an_integer_up_to_2),
		cmocka_unit_test(the_forms_have_names),
		cmocka_unit_test(a_rate_is_a_least_time),
		cmocka_unit_test(a_wrong_rate_is_answered),
	};

	return cmocka_run_group_tests(tests, NULL, frame_teardown);
}
