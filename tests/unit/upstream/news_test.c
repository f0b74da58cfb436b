/* SPDX-License-Identifier: Apache-2.0 */
#include "upstream/news.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define ROOM 5 /* octets of properties */

static void news_say_of_what_they_are(void **state)
{
	struct news *news = news_create(NEWS_ANSWERED, UINT64_MAX, 17, 3);

	(void)state;
	assert_non_null(news);
	assert_int_equal(news->type, NEWS_ANSWERED);
	assert_int_equal(news->client, UINT64_MAX);
	assert_int_equal(news->number, 17);
	assert_int_equal(news->code_count, 0);
	assert_false(news->has_session);
	memset(news->bytes, 0xff, 3);
	news_destroy(news);
	news_destroy(NULL);
}

static void a_message_is_their_own(void **state)
{
	char bytes[] = "t/x hello";
	const uint8_t *at = (const uint8_t *)bytes;
	const struct message message = {
		.topic = { at, 3 },
		.payload = { at + 4, 5 },
		.qos = 2,
		.is_retained = true,
	};
	struct news *news = news_of_message(7, &message, 0);

	(void)state;
	assert_non_null(news);
	memset(bytes, 'x', sizeof bytes);
	assert_int_equal(news->type, NEWS_MESSAGE);
	assert_int_equal(news->client, 7);
	assert_int_equal(news->number, 0);
	assert_true(slice_is(news->message.topic, "t/x"));
	assert_true(slice_is(news->message.payload, "hello"));
	assert_int_equal(news->message.properties.len, 0);
	assert_int_equal(news->message.qos, 2);
	assert_true(news->message.is_retained);
	news_destroy(news);
}

static void room_for_properties_is_behind_the_payload(void **state)
{
	const struct message message = {
		.topic = slice_from_text("t"),
		.payload = slice_from_text("hi"),
	};
	struct news *news = news_of_message(7, &message, ROOM);

	(void)state;
	assert_non_null(news);
	assert_int_equal(news->message.properties.len, 0);
	assert_ptr_equal(news->message.properties.data,
	                 news->message.payload.data + 2);
	memset((uint8_t *)(uintptr_t)news->message.properties.data, 0xff, ROOM);
	assert_true(slice_is(news->message.topic, "t"));
	assert_true(slice_is(news->message.payload, "hi"));
	news_destroy(news);
}

static void an_empty_payload_is_a_message(void **state)
{
	const struct message message = { .topic = slice_from_text("t") };
	struct news *news = news_of_message(7, &message, 0);

	(void)state;
	assert_non_null(news);
	assert_true(slice_is(news->message.topic, "t"));
	assert_int_equal(news->message.payload.len, 0);
	assert_int_equal(news->message.qos, 0);
	assert_false(news->message.is_retained);
	news_destroy(news);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(news_say_of_what_they_are),
		cmocka_unit_test(a_message_is_their_own),
		cmocka_unit_test(room_for_properties_is_behind_the_payload),
		cmocka_unit_test(an_empty_payload_is_a_message),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
