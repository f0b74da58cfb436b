/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "config/config.h"

#define START_MS 5000

static void only_a_publish_is_a_message(void **state)
{
	const struct config_limits config = { .messages_per_s = 1 };
	struct limits limits;

	(void)state;
	limits_init(&limits, &config, START_MS);
	for (int type = MQTT_CONNECT; type <= MQTT_AUTH; type++) {
		if (type != MQTT_PUBLISH)
			limits_count_packet(&limits, (enum mqtt_type)type,
			                    START_MS);
	}
	limits_count_packet(&limits, MQTT_PUBLISH, START_MS);
	assert_int_equal(limits_wait_ms(&limits, START_MS), 0);
	limits_count_packet(&limits, MQTT_PUBLISH, START_MS);
	assert_in_range(limits_wait_ms(&limits, START_MS), 1000, 1001);
}

static void subscribes_have_a_limit_of_their_own(void **state)
{
	const struct config_limits config = { .subscribes_per_s = 2 };
	struct limits limits;

	(void)state;
	limits_init(&limits, &config, START_MS);
	for (unsigned i = 0; i < 5; i++) {
		limits_count_packet(&limits, MQTT_PUBLISH, START_MS);
		limits_count_packet(&limits, MQTT_PUBACK, START_MS);
	}
	limits_count_packet(&limits, MQTT_SUBSCRIBE, START_MS);
	limits_count_packet(&limits, MQTT_UNSUBSCRIBE, START_MS);
	assert_int_equal(limits_wait_ms(&limits, START_MS), 0);
	limits_count_packet(&limits, MQTT_SUBSCRIBE, START_MS);
	assert_in_range(limits_wait_ms(&limits, START_MS), 500, 501);
}

static void the_longest_wait_counts(void **state)
{
	const struct config_limits config = {
		.messages_per_s = 1,
		.bytes_per_s = 100,
	};
	struct limits limits;

	(void)state;
	limits_init(&limits, &config, START_MS);
	limits_count_packet(&limits, MQTT_PUBLISH, START_MS);
	limits_count_packet(&limits, MQTT_PUBLISH, START_MS);
	limits_count_bytes(&limits, 600, START_MS);
	assert_in_range(limits_wait_ms(&limits, START_MS), 5000, 5001);
	assert_in_range(limits_wait_ms(&limits, START_MS + 4500), 500, 501);
	assert_int_equal(limits_wait_ms(&limits, START_MS + 5001), 0);
}

static void without_limits_nothing_waits(void **state)
{
	const struct config_limits config = { 0 };
	struct limits limits;

	(void)state;
	limits_init(&limits, &config, START_MS);
	for (unsigned i = 0; i < 1000; i++) {
		limits_count_packet(&limits, MQTT_PUBLISH, START_MS);
		limits_count_packet(&limits, MQTT_SUBSCRIBE, START_MS);
		limits_count_bytes(&limits, 65536, START_MS);
	}
	assert_int_equal(limits_wait_ms(&limits, START_MS), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_a_publish_is_a_message),
		cmocka_unit_test(subscribes_have_a_limit_of_their_own),
		cmocka_unit_test(the_longest_wait_counts),
		cmocka_unit_test(without_limits_nothing_waits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
