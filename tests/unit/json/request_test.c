/* SPDX-License-Identifier: Apache-2.0 */
#include "json/request.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "frame.h"

static void each_type_is_known(void **state)
{
	static const struct {
		const char *text;
		enum json_request_type type;
	} rows[] = {
		{ "{\"type\":\"subscribe\",\"topic\":\"a\"}",
		  JSON_REQUEST_SUBSCRIBE },
		{ "{\"type\":\"unsubscribe\",\"topic\":\"a\"}",
		  JSON_REQUEST_UNSUBSCRIBE },
		{ "{\"type\":\"publish\",\"topic\":\"a\",\"payload\":1}",
		  JSON_REQUEST_PUBLISH },
		{ "{\"type\":\"request\",\"topic\":\"a\",\"payload\":1}",
		  JSON_REQUEST_REQUEST },
		{ "{\"type\":\"auth\",\"token\":\"a\"}", JSON_REQUEST_AUTH },
		{ "{\"type\":\"ping\"}", JSON_REQUEST_PING },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(rows); i++)
		assert_int_equal(frame_fine(rows[i].text)->type, rows[i].type);
}

static void another_type_is_answered(void **state)
{
	(void)state;
	frame_refused(130, "", "{}");
	frame_refused(130, "1", "{\"id\":1}");
	frame_refused(130, "1", "{\"id\":1,\"type\":\"connect\"}");
	frame_refused(130, "1", "{\"id\":1,\"type\":\"Ping\"}");
	frame_refused(130, "1", "{\"id\":1,\"type\":\"\"}");
	frame_refused(130, "1", "{\"id\":1,\"type\":5}");
	frame_refused(130, "1", "{\"id\":1,\"type\":null}");
	frame_refused(130, "1", "{\"id\":1,\"type\":[\"ping\"]}");
	frame_refused(130, "1", "{\"id\":1,\"x\":{\"type\":\"ping\"}}");
}

static void an_id_comes_back_as_its_very_text(void **state)
{
	static const char *const ids[] = {
		"1",
		"0",
		"-0",
		"1.50",
		"1e400",
		"18446744073709551616",
		"\"\"",
		"\"a b\"",
		"\"\\u0041\\n\\/\"",
		"\"\xc3\xa4\"",
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(ids); i++) {
		char *text =
		    compose("{\"id\": ", ids[i], " ,\"type\":\"ping\"}");

		assert_slice(frame_fine(text)->id, ids[i]);
		free(text);
	}
	assert_int_equal(frame_fine("{\"type\":\"ping\"}")->id.len, 0);
}

static void an_id_of_another_type_is_answered_without_it(void **state)
{
	(void)state;
	frame_refused(130, "", "{\"type\":\"ping\",\"id\":null}");
	frame_refused(130, "", "{\"type\":\"ping\",\"id\":true}");
	frame_refused(130, "", "{\"type\":\"ping\",\"id\":[1]}");
	frame_refused(130, "", "{\"type\":\"ping\",\"id\":{\"a\":1}}");
	frame_refused(130, "", "{\"type\":\"nothing\",\"id\":{}}");
}

static void an_id_has_up_to_64_octets(void **state)
{
	char *digits = repeat("1", 64);
	char *letters = repeat("x", 62);
	char *fine = compose("{\"type\":\"ping\",\"id\":", digits, "}");
	char *more = compose("{\"type\":\"ping\",\"id\":1", digits, "}");
	char *text = compose("{\"type\":\"ping\",\"id\":\"", letters, "\"}");
	char *longer = compose("{\"type\":\"ping\",\"id\":\"y", letters, "\"}");

	(void)state;
	assert_slice(frame_fine(fine)->id, digits);
	frame_refused(130, "", more);
	assert_int_equal(frame_fine(text)->id.len, 64);
	frame_refused(130, "", longer);
	free(longer);
	free(text);
	free(more);
	free(fine);
	free(letters);
	free(digits);
}

static void unknown_fields_are_ignored(void **state)
{
	(void)state;
	frame_fine("{\"type\":\"ping\",\"qos\":\"x\",\"topic\":5,\"y\":{}}");
	frame_fine("{\"type\":\"subscribe\",\"topic\":\"a\",\"payload\":5,"
	           "\"__proto__\":{\"type\":1},\"retain\":1}");
}

static void half_a_surrogate_pair_is_answered(void **state)
{
	static const char *const strings[] = {
		"\\ud800",        "\\udc00",          "a\\udbffb",
		"\\ud800\\u0041", "\\ud800\\ud800",   "\\udc00\\ud800",
		"\\ud83d\\n",     "\\ud83d\\\\ude00", "\\uD83D\xc3\xa4",
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(strings); i++) {
		char *value = compose("{\"id\":1,\"type\":\"publish\","
		                      "\"topic\":\"a\",\"payload\":\"",
		                      strings[i], "\"}");
		char *inner = compose("{\"id\":1,\"type\":\"publish\","
		                      "\"topic\":\"a\",\"payload\":[{\"a\":\"",
		                      strings[i], "\"}]}");
		char *key = compose("{\"id\":1,\"type\":\"ping\",\"a\":{\"",
		                    strings[i], "\":1}}");

		frame_refused(129, "1", value);
		frame_refused(129, "1", inner);
		frame_refused(129, "1", key);
		free(key);
		free(inner);
		free(value);
	}
	frame_refused(129, "\"\\ud800\"", "{\"id\":\"\\ud800\"}");
}

static void what_looks_like_a_surrogate_is_none(void **state)
{
	(void)state;
	assert_slice(frame_fine("{\"type\":\"publish\",\"topic\":\"a\","
	                        "\"payload\":\"\\\\ud800\"}")
	                 ->payload,
	             "\\ud800");
	assert_slice(frame_fine("{\"type\":\"publish\",\"topic\":\"a\","
	                        "\"payload\":\"\\uD83D\\uDE00\"}")
	                 ->payload,
	             "\xf0\x9f\x98\x80");
}

static void auth_brings_a_token(void **state)
{
	(void)state;
	assert_slice(
	    frame_fine("{\"type\":\"auth\",\"id\":5,\"token\":\"a.b\"}")->token,
	    "a.b");
	frame_refused(130, "5", "{\"type\":\"auth\",\"id\":5}");
	frame_refused(130, "5", "{\"type\":\"auth\",\"id\":5,\"token\":7}");
}

static void a_refusal_echoes_nothing(void **state)
{
	char *long_type = repeat("x", 1000);
	char *text = compose("{\"type\":\"", long_type, "\"}");

	(void)state;
	frame_refused(130, "", text);
	assert_null(
	    strstr(frame_read(JSON_READ_REFUSED, text)->error.message, "xx"));
	free(text);
	free(long_type);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_type_is_known),
		cmocka_unit_test(another_type_is_answered),
		cmocka_unit_test(an_id_comes_back_as_its_very_text),
		cmocka_unit_test(an_id_of_another_type_is_answered_without_it),
		cmocka_unit_test(an_id_has_up_to_64_octets),
		cmocka_unit_test(unknown_fields_are_ignored),
		cmocka_unit_test(half_a_surrogate_pair_is_answered),
		cmocka_unit_test(what_looks_like_a_surrogate_is_none),
		cmocka_unit_test(auth_brings_a_token),
		cmocka_unit_test(a_refusal_echoes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, frame_teardown);
}
