/* SPDX-License-Identifier: Apache-2.0 */
#include "json/request.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "frame.h"

static void what_is_no_json_is_malformed(void **state)
{
	static const char *const texts[] = {
		"",
		" ",
		"{",
		"}",
		"{\"type\":\"ping\"",
		"{\"type\":\"pi",
		"{\"type\":\"ping\",}",
		"{,\"type\":\"ping\"}",
		"{\"type\" \"ping\"}",
		"{\"type\":}",
		"{type:\"ping\"}",
		"{'type':'ping'}",
		"{\"type\":\"ping\",\"a\":01}",
		"{\"type\":\"ping\",\"a\":+1}",
		"{\"type\":\"ping\",\"a\":1.}",
		"{\"type\":\"ping\",\"a\":.5}",
		"{\"type\":\"ping\",\"a\":1e}",
		"{\"type\":\"ping\",\"a\":-}",
		"{\"type\":\"ping\",\"a\":0x1}",
		"{\"type\":\"ping\",\"a\":NaN}",
		"{\"type\":\"ping\",\"a\":tru}",
		"{\"type\":\"ping\",\"a\":True}",
		"{\"type\":\"ping\",\"a\":[1,]}",
		"{\"type\":\"ping\",\"a\":[1}",
		"{\"type\":\"ping\",\"a\":\"\t\"}",
		"{\"type\":\"ping\",\"a\":\"\n\"}",
		"{\"type\":\"ping\",\"a\":\"\\x\"}",
		"{\"type\":\"ping\",\"a\":\"\\u12\"}",
		"{\"type\":\"ping\",\"a\":\"\\u12g4\"}",
		"{\"type\":\"ping\"}//",
		"/**/{\"type\":\"ping\"}",
		"{\"type\":\"ping\"\v}",
		"{\"type\":\"ping\",1:2}",
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(texts); i++)
		frame_malformed(texts[i]);
}

static void a_frame_is_an_object(void **state)
{
	(void)state;
	frame_malformed("[]");
	frame_malformed("[{\"type\":\"ping\"}]");
	frame_malformed("\"ping\"");
	frame_malformed("1");
	frame_malformed("true");
	frame_malformed("null");
}

static void nothing_may_follow_the_object(void **state)
{
	(void)state;
	frame_malformed("{\"type\":\"ping\"}{}");
	frame_malformed("{\"type\":\"ping\"} x");
	frame_malformed("{\"type\":\"ping\"},");
	frame_malformed("{\"type\":\"ping\"}1");
	frame_malformed("{\"type\":\"ping\"}tru");
	frame_malformed("{\"type\":\"ping\"}-");
	frame_malformed("{\"type\":\"ping\"}]");
}

static void nor_may_a_string_that_has_no_end(void **state)
{
	(void)state;
	frame_malformed("{\"type\":\"ping\"}\"");
	frame_malformed("{\"type\":\"ping\"} \"abc");
	frame_malformed("{\"type\":\"ping\"}\"\\u00");
}

static void white_space_may_stand_around_everything(void **state)
{
	(void)state;
	assert_int_equal(
	    frame_fine(" \t\r\n{ \"id\" : 1 ,\n\"type\"\t:\r\"ping\" } \n")
	        ->type,
	    JSON_REQUEST_PING);
}

static void other_white_space_may_not(void **state)
{
	(void)state;
	frame_malformed("\v{\"type\":\"ping\"}");
	frame_malformed("{\f\"type\":\"ping\"}");
	frame_malformed("{\"type\"\v:\"ping\"}");
	frame_malformed("{\"type\":\f\"ping\"}");
	frame_malformed("{\"type\":\"ping\"\v,\"a\":1}");
	frame_malformed("{\"type\":\"ping\", \f\"a\":1}");
	frame_malformed("{\"type\":\"ping\"}\f");
	frame_malformed("{\"type\":\"ping\",\"a\":[\v]}");
	frame_malformed("{\"type\":\"ping\",\"a\":[1,\v2]}");
	frame_malformed("{\"type\":\"ping\",\"a\":\"\xc2\xa0\"}\xc2\xa0");
}

static void a_nul_is_no_white_space(void **state)
{
	static const char text[] = "{\"type\":\"ping\"}";

	(void)state;
	frame_octets(JSON_READ_MALFORMED,
	             (struct slice){ (const uint8_t *)text, sizeof(text) });
}

static void a_byte_order_mark_is_malformed(void **state)
{
	(void)state;
	frame_malformed("\xef\xbb\xbf{\"type\":\"ping\"}");
}

static void what_is_not_utf8_is_told_apart(void **state)
{
	static const char *const texts[] = {
		"{\"type\":\"ping\",\"a\":\"\xff\"}",
		"{\"type\":\"ping\",\"a\":\"\xc3\"}",
		"{\"type\":\"ping\",\"a\":\"\xc0\xaf\"}",
		"{\"type\":\"ping\",\"a\":\"\xed\xa0\x80\"}",
		"{\"type\":\"ping\",\"a\":\"\xf4\x90\x80\x80\"}",
		"{\"type\":\"ping\"}\x80",
		"\xff\xfe{",
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(texts); i++)
		frame_read(JSON_READ_BAD_UTF8, texts[i]);
}

static void nested(size_t depth, const char *opening, const char *closing,
                   enum json_read expected)
{
	char *open = repeat(opening, depth - 1);
	char *close = repeat(closing, depth - 1);
	char *inner = compose(open, "1", close);
	char *text = compose("{\"type\":\"ping\",\"a\":", inner, "}");

	frame_read(expected, text);
	free(text);
	free(inner);
	free(close);
	free(open);
}

static void sixteen_levels_are_deep_enough(void **state)
{
	(void)state;
	nested(16, "[", "]", JSON_READ_FINE);
	nested(16, "{\"a\":", "}", JSON_READ_FINE);
	nested(17, "[", "]", JSON_READ_MALFORMED);
	nested(17, "{\"a\":", "}", JSON_READ_MALFORMED);
	nested(200000, "[", "]", JSON_READ_MALFORMED);
	nested(200000, "{\"a\":", "}", JSON_READ_MALFORMED);
}

static void a_key_that_comes_twice_is_malformed(void **state)
{
	(void)state;
	frame_malformed("{\"type\":\"ping\",\"type\":\"ping\"}");
	frame_malformed("{\"type\":\"ping\",\"a\":1,\"b\":2,\"a\":3}");
	frame_malformed("{\"type\":\"ping\",\"\":1,\"\":1}");
	frame_malformed("{\"type\":\"ping\",\"a\":{\"b\":1,\"b\":1}}");
	frame_malformed("{\"type\":\"ping\",\"a\":[[{\"b\":1,\"b\":1}]]}");
	frame_malformed("{\"type\":\"publish\",\"topic\":\"a\","
	                "\"payload\":{\"x\":{\"y\":1,\"y\":2}}}");
}

static void escapes_do_not_hide_a_key(void **state)
{
	(void)state;
	frame_malformed("{\"type\":\"ping\",\"\\u0074ype\":\"ping\"}");
	frame_malformed("{\"type\":\"ping\",\"/\":1,\"\\/\":1}");
	frame_malformed("{\"type\":\"ping\",\"\\ud83d\\ude00\":1,"
	                "\"\xf0\x9f\x98\x80\":1}");
	frame_malformed("{\"type\":\"ping\",\"\\ud800\":1,\"\\ud800\":1}");
	assert_int_equal(frame_fine("{\"t\\u0079pe\":\"pin\\u0067\"}")->type,
	                 JSON_REQUEST_PING);
}

static void the_same_key_in_other_objects_is_fine(void **state)
{
	(void)state;
	frame_fine("{\"type\":\"ping\",\"a\":{\"a\":{\"a\":1}},"
	           "\"b\":[{\"a\":1},{\"a\":1}]}");
	frame_fine("{\"type\":\"ping\",\"a\":1,\"A\":1,\"aa\":1}");
}

/* An object of `count` keys in the frame, and after them `last`. */
static char *many_keys(size_t count, const char *last)
{
	size_t size = count * 16 + 64 + strlen(last), len;
	char *text = malloc(size);

	assert_non_null(text);
	len = (size_t)snprintf(text, size, "{\"type\":\"ping\",\"a\":{");
	for (size_t i = 0; i < count; i++)
		len +=
		    (size_t)snprintf(text + len, size - len, "\"k%zu\":0,", i);
	(void)snprintf(text + len, size - len, "%s}}", last);
	return text;
}

static void a_hundred_thousand_keys_are_nothing_special(void **state)
{
	char *fine = many_keys(100000, "\"z\":1");
	char *twice = many_keys(100000, "\"k77\":1");

	(void)state;
	frame_fine(fine);
	frame_malformed(twice);
	free(fine);
	free(twice);
}

static void ten_megabytes_of_string_are_read(void **state)
{
	static const size_t len = 10 * 1024 * 1024;
	char *letters = repeat("x", len);
	char *text =
	    compose("{\"type\":\"publish\",\"topic\":\"a\",\"payload\":\"",
	            letters, "\"}");

	(void)state;
	assert_octets(frame_fine(text)->payload, letters, len);
	free(text);
	free(letters);
}

static void escapes_by_the_megabyte_are_read(void **state)
{
	char *escapes = repeat("\\ud83d\\ude00\\n", 100000);
	char *characters = repeat("\xf0\x9f\x98\x80\n", 100000);
	char *text =
	    compose("{\"type\":\"publish\",\"topic\":\"a\",\"payload\":\"",
	            escapes, "\"}");
	char *cut =
	    compose("{\"type\":\"ping\",\"\\n\":\"\\n\",\"a\":\"", escapes, "");

	(void)state;
	assert_slice(frame_fine(text)->payload, characters);
	frame_malformed(cut);
	free(cut);
	free(text);
	free(characters);
	free(escapes);
}

static void every_cut_of_a_frame_is_malformed(void **state)
{
	static const char text[] =
	    "{\"type\":\"publish\",\"id\":\"a\\n\",\"topic\":\"a\","
	    "\"payload\":[1.5e3,true,null,{\"a\":\"\\ud83d\\ude00\"}]}";

	(void)state;
	frame_fine(text);
	for (size_t len = 0; len < sizeof(text) - 1; len++)
		frame_octets(JSON_READ_MALFORMED,
		             (struct slice){ (const uint8_t *)text, len });
}

static void more_values_than_can_be_asked_for_are_refused(void **state)
{
	char *entries = repeat("{\"topic\":\"a\"},", 3000);
	char *text = compose("{\"type\":\"subscribe\",\"id\":7,\"topics\":[",
	                     entries, "\"a\"]}");

	(void)state;
	frame_refused(JSON_CODE_PROTOCOL, "7", text);
	free(text);
	free(entries);
}

static void unknown_fields_do_not_count(void **state)
{
	char *entries = repeat("{\"x\":[1,2]},", 3000);
	char *text = compose("{\"a\":[", entries,
	                     "0],\"type\":\"subscribe\",\"topic\":\"a\"}");

	(void)state;
	assert_int_equal(frame_fine(text)->topic_count, 1);
	free(text);
	free(entries);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_no_json_is_malformed),
		cmocka_unit_test(a_frame_is_an_object),
		cmocka_unit_test(nothing_may_follow_the_object),
		cmocka_unit_test(nor_may_a_string_that_has_no_end),
		cmocka_unit_test(white_space_may_stand_around_everything),
		cmocka_unit_test(other_white_space_may_not),
		cmocka_unit_test(a_nul_is_no_white_space),
		cmocka_unit_test(a_byte_order_mark_is_malformed),
		cmocka_unit_test(what_is_not_utf8_is_told_apart),
		cmocka_unit_test(sixteen_levels_are_deep_enough),
		cmocka_unit_test(a_key_that_comes_twice_is_malformed),
		cmocka_unit_test(escapes_do_not_hide_a_key),
		cmocka_unit_test(the_same_key_in_other_objects_is_fine),
		cmocka_unit_test(a_hundred_thousand_keys_are_nothing_special),
		cmocka_unit_test(ten_megabytes_of_string_are_read),
		cmocka_unit_test(escapes_by_the_megabyte_are_read),
		cmocka_unit_test(every_cut_of_a_frame_is_malformed),
		cmocka_unit_test(more_values_than_can_be_asked_for_are_refused),
		cmocka_unit_test(unknown_fields_do_not_count),
	};

	return cmocka_run_group_tests(tests, NULL, frame_teardown);
}
