/* SPDX-License-Identifier: Apache-2.0 */
#include "doctor/response.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const char answer[] = "HTTP/1.1 403 Forbidden\r\n"
                             "Server:  some \r\n"
                             "no colon here\r\n"
                             "content-length: 12\r\n"
                             "Server: other\r\n"
                             "\r\n"
                             "body";

static void an_answer_is_read_whole(void **state)
{
	struct response response;
	struct slice value;
	size_t len;

	(void)state;
	assert_int_equal(response_read(slice_from_text(answer), &response),
	                 RESPONSE_WHOLE);
	assert_int_equal(response.status, 403);
	assert_true(slice_is(response.rest, "body"));
	assert_true(response_field(&response, "server", &value));
	assert_true(slice_is(value, "some"));
	assert_false(response_field(&response, "Location", &value));
	assert_true(response_body_len(&response, &len));
	assert_int_equal(len, 12);
}

static void a_cut_answer_waits_for_more(void **state)
{
	struct response response;
	size_t head = strlen(answer) - strlen("body");

	(void)state;
	for (size_t len = 0; len < head; len++) {
		struct slice cut = { (const uint8_t *)answer, len };

		assert_int_equal(response_read(cut, &response), RESPONSE_MORE);
	}
}

static void without_fields_there_is_no_field(void **state)
{
	struct response response;
	struct slice value;

	(void)state;
	assert_int_equal(
	    response_read(slice_from_text("HTTP/1.0 200 x\r\n\r\n"), &response),
	    RESPONSE_WHOLE);
	assert_int_equal(response.status, 200);
	assert_false(response_field(&response, "Server", &value));
}

static void what_is_no_http_is_seen_at_once(void **state)
{
	static const char *const texts[] = {
		"S",
		"HTTX",
		"HTTP/2 200\r\n\r\n",
		"HTTP/1.1 2x0 OK\r\n\r\n",
		"HTTP/1.1 20\r\n\r\n",
	};
	struct response response;

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		assert_int_equal(
		    response_read(slice_from_text(texts[i]), &response),
		    RESPONSE_NOT_HTTP);
}

static void a_length_that_is_none_is_not_believed(void **state)
{
	static const char *const texts[] = {
		"HTTP/1.1 200 x\r\nContent-Length: -1\r\n\r\n",
		"HTTP/1.1 200 x\r\nContent-Length: \r\n\r\n",
		"HTTP/1.1 200 x\r\nContent-Length: 99999999999\r\n\r\n",
	};
	struct response response;
	size_t len;

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		assert_int_equal(
		    response_read(slice_from_text(texts[i]), &response),
		    RESPONSE_WHOLE);
		assert_false(response_body_len(&response, &len));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_answer_is_read_whole),
		cmocka_unit_test(a_cut_answer_waits_for_more),
		cmocka_unit_test(without_fields_there_is_no_field),
		cmocka_unit_test(what_is_no_http_is_seen_at_once),
		cmocka_unit_test(a_length_that_is_none_is_not_believed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
