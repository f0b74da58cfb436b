/* SPDX-License-Identifier: Apache-2.0 */
#include "mqtt/topic.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static bool is_name(const char *topic)
{
	return mqtt_topic_is_name(slice_from_text(topic));
}

static void plain_and_odd_names_are_names(void **state)
{
	(void)state;
	assert_true(is_name("a"));
	assert_true(is_name("/"));
	assert_true(is_name("a//b/"));
	assert_true(is_name("$SYS/x"));
	assert_true(is_name("a b"));
}

static void wildcards_make_no_name(void **state)
{
	(void)state;
	assert_false(is_name("#"));
	assert_false(is_name("a/+"));
	assert_false(is_name("a+b"));
	assert_false(is_name("a/b#"));
}

static void empty_topic_is_no_name(void **state)
{
	(void)state;
	assert_false(is_name(""));
	assert_false(mqtt_topic_is_name((struct slice){ NULL, 0 }));
}

static void depth_is_limited(void **state)
{
	char topic[MQTT_TOPIC_LEVELS + 1];

	(void)state;
	memset(topic, '/', sizeof(topic));
	topic[MQTT_TOPIC_LEVELS - 1] = '\0';
	assert_true(is_name(topic));
	topic[MQTT_TOPIC_LEVELS - 1] = '/';
	topic[MQTT_TOPIC_LEVELS] = '\0';
	assert_false(is_name(topic));
}

static void length_is_limited(void **state)
{
	static uint8_t text[MQTT_TOPIC_BYTES + 1];

	(void)state;
	memset(text, 'a', sizeof(text));
	assert_true(
	    mqtt_topic_is_name((struct slice){ text, MQTT_TOPIC_BYTES }));
	assert_false(
	    mqtt_topic_is_name((struct slice){ text, MQTT_TOPIC_BYTES + 1 }));
}

static void text_that_is_no_mqtt_string_is_no_name(void **state)
{
	(void)state;
	assert_true(is_name("caf\xc3\xa9"));
	assert_true(is_name("\xef\xbb\xbf"
	                    "a"));
	assert_false(is_name("a\xff"));
	assert_false(is_name("\xc0\xaf"));
	assert_false(is_name("a\tb"));
	assert_false(is_name("a\x7f"));
	assert_false(is_name("a\xc2\x85"));
	assert_false(is_name("a\xef\xbf\xbf"));
	assert_false(
	    mqtt_topic_is_name((struct slice){ (const uint8_t *)"a\0b", 3 }));
}

/* The levels of `text`, with a bar after each. */
static void expect_levels(const char *text, const char *wanted)
{
	struct mqtt_topic_levels levels =
	    mqtt_topic_levels(slice_from_text(text));
	struct slice level;
	char joined[64];
	size_t len = 0;

	while (mqtt_topic_next(&levels, &level)) {
		assert_true(len + level.len + 2 <= sizeof(joined));
		if (level.len > 0)
			memcpy(joined + len, level.data, level.len);
		len += level.len;
		joined[len++] = '|';
	}
	joined[len] = '\0';
	assert_string_equal(joined, wanted);
	assert_false(mqtt_topic_next(&levels, &level));
}

static void levels_are_given_one_by_one(void **state)
{
	(void)state;
	expect_levels("a", "a|");
	expect_levels("a/bc/d", "a|bc|d|");
	expect_levels("a/", "a||");
	expect_levels("/a", "|a|");
	expect_levels("//", "|||");
	expect_levels("", "|");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_and_odd_names_are_names),
		cmocka_unit_test(wildcards_make_no_name),
		cmocka_unit_test(empty_topic_is_no_name),
		cmocka_unit_test(depth_is_limited),
		cmocka_unit_test(length_is_limited),
		cmocka_unit_test(text_that_is_no_mqtt_string_is_no_name),
		cmocka_unit_test(levels_are_given_one_by_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
