/* SPDX-License-Identifier: Apache-2.0 */
#include "mqtt/compose.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "mqtt/protocol.h"

static uint8_t buffer[MQTT_COMPOSE_BYTES];

static void expect(size_t len, const char *bytes, size_t expected)
{
	assert_int_equal(len, expected);
	assert_memory_equal(buffer, bytes, expected);
}

#define EXPECT(len, bytes) expect(len, bytes, sizeof(bytes) - 1)

static void connack_of_old_versions_has_no_properties(void **state)
{
	(void)state;
	EXPECT(mqtt_compose_connack(buffer, MQTT_LEVEL_3_1, 2),
	       "\x20\x02\x00\x02");
	EXPECT(mqtt_compose_connack(buffer, MQTT_LEVEL_3_1_1, 5),
	       "\x20\x02\x00\x05");
}

static void connack_of_mqtt_5_has_empty_properties(void **state)
{
	(void)state;
	EXPECT(mqtt_compose_connack(buffer, MQTT_LEVEL_5, 0x88),
	       "\x20\x03\x00\x88\x00");
}

static void disconnect_carries_its_code(void **state)
{
	(void)state;
	EXPECT(mqtt_compose_disconnect(buffer, 0x95), "\xe0\x02\x95\x00");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(connack_of_old_versions_has_no_properties),
		cmocka_unit_test(connack_of_mqtt_5_has_empty_properties),
		cmocka_unit_test(disconnect_carries_its_code),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
