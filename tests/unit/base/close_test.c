/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/close.h"

#define CLOSE_REASON_BYTES_MAX 123 /* [RFC 6455 5.5] */

static void every_reason_has_a_word_of_its_own(void **state)
{
	(void)state;
	for (int i = 0; i < CLOSE_REASONS; i++) {
		const char *word = close_answer((enum close_reason)i)->word;

		assert_non_null(word);
		assert_in_range(strlen(word), 1, CLOSE_REASON_BYTES_MAX);
		for (int k = 0; k < i; k++)
			assert_string_not_equal(
			    word, close_answer((enum close_reason)k)->word);
	}
}

/* What may come before and after the upgrade has both. */
static void a_refusal_has_a_status_and_no_close_code(void **state)
{
	(void)state;
	for (int i = CLOSE_NONE + 1; i < CLOSE_REASONS; i++) {
		const struct close_answer *answer =
		    close_answer((enum close_reason)i);

		if (!close_refuses((enum close_reason)i))
			continue;
		assert_in_range(answer->http, 400, 503);
		if (i == CLOSE_UPSTREAM_UNREACHABLE)
			continue;
		assert_int_equal(answer->mqtt_frame, 0);
		assert_int_equal(answer->json_frame, 0);
	}
}

static void one_reason_refuses_as_well_as_it_ends(void **state)
{
	(void)state;
	assert_false(close_refuses(CLOSE_NONE) || close_ends(CLOSE_NONE));
	for (int i = CLOSE_NONE + 1; i < CLOSE_REASONS; i++) {
		enum close_reason reason = (enum close_reason)i;
		bool does_both = close_refuses(reason) && close_ends(reason);

		assert_true(close_refuses(reason) || close_ends(reason));
		assert_true(does_both == (i == CLOSE_UPSTREAM_UNREACHABLE));
	}
	assert_true(close_ends(CLOSE_BROWSER_CLOSED));
}

static void close_codes_are_ones_that_a_server_may_send(void **state)
{
	(void)state;
	for (int i = 0; i < CLOSE_REASONS; i++) {
		uint16_t code = close_answer((enum close_reason)i)->mqtt_frame;

		assert_true(code == 0 || (code >= 1001 && code <= 1014 &&
		                          code != 1005 && code != 1006));
	}
}

/* design.md 1.1; of the reasons that are not here the session stays. */
static void json_and_channel_close_with_codes_of_their_own(void **state)
{
	static const uint16_t codes[CLOSE_REASONS] = {
		[CLOSE_CONNECT_TIMEOUT] = 4408,
		[CLOSE_BAD_UTF8] = 1007,
		[CLOSE_MALFORMED] = 4400,
		[CLOSE_PROTOCOL_ERROR] = 4400,
		[CLOSE_TOO_LARGE] = 4413,
		[CLOSE_BAD_LOGIN] = 4401,
		[CLOSE_NOT_AUTHORISED] = 4403,
		[CLOSE_CLIENT_ID] = 4403,
		[CLOSE_EXPIRED] = 4401,
		[CLOSE_POLICY_CHANGED] = 4403,
		[CLOSE_FLOOD] = 4429,
		[CLOSE_SLOW_READER] = 1008,
		[CLOSE_IDLE] = 1001,
		[CLOSE_UPSTREAM_UNREACHABLE] = 1013, /* channel, queue full */
		[CLOSE_UPSTREAM_REFUSED] = 4503,
		[CLOSE_TAKEN_OVER] = 4409,
		[CLOSE_DRAIN] = 1001,
		[CLOSE_RELOAD] = 1012,
		[CLOSE_INTERNAL] = 1011,
	};

	(void)state;
	for (int i = 0; i < CLOSE_REASONS; i++) {
		const struct close_answer *answer =
		    close_answer((enum close_reason)i);

		if (answer->json_frame != codes[i])
			fail_msg("%s: %u", answer->word, answer->json_frame);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_reason_has_a_word_of_its_own),
		cmocka_unit_test(a_refusal_has_a_status_and_no_close_code),
		cmocka_unit_test(one_reason_refuses_as_well_as_it_ends),
		cmocka_unit_test(close_codes_are_ones_that_a_server_may_send),
		cmocka_unit_test(
		    json_and_channel_close_with_codes_of_their_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
