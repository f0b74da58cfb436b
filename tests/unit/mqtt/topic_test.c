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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_and_odd_names_are_names),
		cmocka_unit_test(wildcards_make_no_name),
		cmocka_unit_test(empty_topic_is_no_name),
		cmocka_unit_test(depth_is_limited),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
