/* SPDX-License-Identifier: Apache-2.0 */
#include "mqtt/compose.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "mqtt/ack.h"
#include "mqtt/connack.h"
#include "mqtt/connect.h"
#include "mqtt/disconnect.h"
#include "mqtt/publish.h"
#include "mqtt/suback.h"
#include "mqtt/subscribe.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))
#define BYTES(bytes)                                                           \
	{                                                                      \
		(const uint8_t *)(bytes), sizeof(bytes) - 1                    \
	}

static uint8_t buffer[70000];

static void expect(size_t len, const char *bytes, size_t expected)
{
	assert_int_equal(len, expected);
	assert_memory_equal(buffer, bytes, expected);
}

#define EXPECT(len, bytes) expect(len, bytes, sizeof(bytes) - 1)

static void connack_of_old_versions_has_no_properties(void **state)
{
	const struct mqtt_connack connack = { .code = 5 };

	(void)state;
	EXPECT(mqtt_compose_connack(buffer, MQTT_COMPOSE_BYTES, MQTT_LEVEL_3_1,
	                            &connack),
	       "\x20\x02\x00\x05");
	EXPECT(mqtt_compose_connack(buffer, MQTT_COMPOSE_BYTES,
	                            MQTT_LEVEL_3_1_1, &connack),
	       "\x20\x02\x00\x05");
}

static void connack_of_mqtt_5_has_properties(void **state)
{
	const struct mqtt_connack refusal = { .code = 0x88 };
	const struct mqtt_connack welcome = {
		.has_session = true,
		.properties = BYTES("\x22\0\x0a"),
	};

	(void)state;
	EXPECT(mqtt_compose_connack(buffer, MQTT_COMPOSE_BYTES, MQTT_LEVEL_5,
	                            &refusal),
	       "\x20\x03\x00\x88\x00");
	EXPECT(mqtt_compose_connack(buffer, sizeof(buffer), MQTT_LEVEL_5,
	                            &welcome),
	       "\x20\x06\x01\x00\x03\x22\x00\x0a");
}

static void the_oldest_version_is_told_of_no_session(void **state)
{
	const struct mqtt_connack connack = { .has_session = true };

	(void)state;
	EXPECT(mqtt_compose_connack(buffer, MQTT_COMPOSE_BYTES, MQTT_LEVEL_3_1,
	                            &connack),
	       "\x20\x02\x00\x00");
	EXPECT(mqtt_compose_connack(buffer, MQTT_COMPOSE_BYTES,
	                            MQTT_LEVEL_3_1_1, &connack),
	       "\x20\x02\x01\x00");
}

static void disconnect_carries_its_code(void **state)
{
	const struct mqtt_disconnect disconnect = { .reason = 0x95 };

	(void)state;
	EXPECT(mqtt_compose_disconnect(buffer, MQTT_COMPOSE_BYTES, MQTT_LEVEL_5,
	                               &disconnect),
	       "\xe0\x02\x95\x00");
	EXPECT(mqtt_compose_disconnect(buffer, MQTT_COMPOSE_BYTES,
	                               MQTT_LEVEL_3_1_1, &disconnect),
	       "\xe0\x00");
}

static void acknowledgements_give_a_reason_in_mqtt_5(void **state)
{
	(void)state;
	EXPECT(mqtt_compose_ack(buffer, MQTT_COMPOSE_BYTES, MQTT_LEVEL_5,
	                        MQTT_PUBACK, 0x0102, 0x87),
	       "\x40\x04\x01\x02\x87\x00");
	EXPECT(mqtt_compose_ack(buffer, MQTT_COMPOSE_BYTES, MQTT_LEVEL_5,
	                        MQTT_PUBCOMP, 7, 0),
	       "\x70\x02\x00\x07");
	EXPECT(mqtt_compose_ack(buffer, MQTT_COMPOSE_BYTES, MQTT_LEVEL_3_1_1,
	                        MQTT_PUBREC, 7, 0x87),
	       "\x50\x02\x00\x07");
	EXPECT(mqtt_compose_ack(buffer, MQTT_COMPOSE_BYTES, MQTT_LEVEL_3_1_1,
	                        MQTT_PUBREL, 7, 0),
	       "\x62\x02\x00\x07");
}

/* Each in the only form in which it can be written. */
static const struct {
	uint8_t level;
	struct slice packet;
} packets[] = {
	{ 3, BYTES("\x10\x0f\0\6MQIsdp\3\2\0\x3c\0\1i") },
	{ 3, BYTES("\x10\x1d\0\6MQIsdp\3\xee\0\x3c\0\1i\0\1w\0\2\xff\0\0\1u\0"
	           "\2pw") },
	{ 4, BYTES("\x10\x0c\0\4MQTT\4\2\0\0\0\0") },
	{ 4, BYTES("\x10\x0d\0\4MQTT\4\0\xff\xff\0\1i") },
	{ 4, BYTES("\x10\x1b\0\4MQTT\4\xd6\0\x3c\0\1i\0\1w\0\2\xff\0\0\1u\0"
	           "\2pw") },
	{ 4, BYTES("\x10\x10\0\4MQTT\4\x82\0\0\0\1i\0\1u") },
	{ 5, BYTES("\x10\x0e\0\4MQTT\5\2\0\0\0\0\1i") },
	{ 5, BYTES("\x10\x12\0\4MQTT\5\x42\0\0\0\0\1i\0\2pw") },
	{ 5, BYTES("\x10\x25\0\4MQTT\5\xe6\0\x3c\3\x21\0\5\0\1i\5\x18\0\0\0\1"
	           "\0\1w\0\2\xff\0\0\1u\0\2pw") },
	{ 4, BYTES("\x20\x02\1\0") },
	{ 5, BYTES("\x20\x06\0\x87\3\x22\0\x0a") },
	{ 4, BYTES("\x82\x0a\0\7\0\1t\1\0\1u\2") },
	{ 5, BYTES("\x82\x0a\0\7\2\x0b\5\0\2t/\x2d") },
	{ 3, BYTES("\x90\x03\0\7\2") },
	{ 4, BYTES("\x90\x04\0\7\2\x80") },
	{ 5, BYTES("\x90\x09\0\7\4\x1f\0\1r\2\x87") },
	{ 4, BYTES("\xe0\x00") },
	{ 5, BYTES("\xe0\x07\4\5\x11\0\0\0\1") },
};

static size_t write_again(struct slice packet, uint8_t level, size_t size)
{
	struct mqtt_connect connect;
	struct mqtt_connack connack;
	struct mqtt_subscribe subscribe;
	struct mqtt_suback suback;
	struct mqtt_disconnect disconnect;

	switch ((int)mqtt_type_of(packet.data[0])) {
	case MQTT_CONNECT:
		assert_int_equal(mqtt_connect_read(packet, &connect), 0);
		return mqtt_compose_connect(buffer, size, &connect);
	case MQTT_CONNACK:
		assert_int_equal(mqtt_connack_read(packet, level, &connack), 0);
		return mqtt_compose_connack(buffer, size, level, &connack);
	case MQTT_SUBSCRIBE:
		assert_int_equal(mqtt_subscribe_read(packet, level, &subscribe),
		                 0);
		return mqtt_compose_subscribe(buffer, size, level, &subscribe);
	case MQTT_SUBACK:
		assert_int_equal(mqtt_suback_read(packet, level, &suback), 0);
		return mqtt_compose_suback(buffer, size, level, &suback);
	default:
		assert_int_equal(mqtt_disconnect_read(packet, level,
		                                      MQTT_SENDER_CLIENT,
		                                      &disconnect),
		                 0);
		return mqtt_compose_disconnect(buffer, size, level,
		                               &disconnect);
	}
}

static void what_was_read_is_written_the_same(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(packets); i++) {
		struct slice packet = packets[i].packet;
		size_t len = write_again(packet, packets[i].level, packet.len);

		if (!slice_equals((struct slice){ buffer, len }, packet))
			fail_msg("row %zu", i);
	}
}

static void what_does_not_fit_is_not_written(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(packets); i++) {
		struct slice packet = packets[i].packet;

		for (size_t size = 0; size < packet.len; size++) {
			memset(buffer, 0xa5, packet.len);
			assert_int_equal(
			    write_again(packet, packets[i].level, size), 0);
			for (size_t at = size; at < packet.len; at++)
				assert_int_equal(buffer[at], 0xa5);
		}
	}
}

/* A SUBSCRIBE with a list of `len` octets, and its first octets. */
static void expect_list(size_t len, const char *front, size_t front_len)
{
	static uint8_t list[17000];
	const struct mqtt_subscribe subscribe = {
		.packet_id = 7,
		.list = { list, len },
	};
	size_t whole = front_len + len;

	memset(list, 'x', sizeof(list));
	assert_int_equal(
	    mqtt_compose_subscribe(buffer, whole, MQTT_LEVEL_3_1_1, &subscribe),
	    whole);
	assert_memory_equal(buffer, front, front_len);
	assert_memory_equal(buffer + front_len, list, len);
	assert_int_equal(mqtt_compose_subscribe(buffer, whole - 1,
	                                        MQTT_LEVEL_3_1_1, &subscribe),
	                 0);
}

static void long_packets_have_a_long_header(void **state)
{
	(void)state;
	expect_list(125, "\x82\x7f\0\7", 4);
	expect_list(126, "\x82\x80\1\0\7", 5);
	expect_list(16381, "\x82\xff\x7f\0\7", 5);
	expect_list(16382, "\x82\x80\x80\1\0\7", 6);
}

static void a_string_too_long_for_mqtt_is_not_written(void **state)
{
	static const uint8_t id[UINT16_MAX + 1];
	struct mqtt_connect connect = {
		.level = MQTT_LEVEL_5,
		.client_id = { id, UINT16_MAX },
	};

	(void)state;
	assert_true(mqtt_compose_connect(buffer, sizeof(buffer), &connect) >
	            UINT16_MAX);
	connect.client_id.len++;
	assert_int_equal(mqtt_compose_connect(buffer, sizeof(buffer), &connect),
	                 0);
}

static void a_publish_reads_as_it_was_written(void **state)
{
	const struct mqtt_publish publish = {
		.qos = 1,
		.is_retained = true,
		.is_duplicate = true,
		.topic = BYTES("a/b"),
		.packet_id = 258,
		.properties = BYTES("\x23\0\7"),
	};
	struct slice payload = slice_from_text("hi");

	(void)state;
	EXPECT(mqtt_compose_publish(buffer, sizeof(buffer), MQTT_LEVEL_5,
	                            &publish, payload),
	       "\x3b\x0d\0\3a/b\1\2\3\x23\0\7hi");
	EXPECT(mqtt_compose_publish(buffer, sizeof(buffer), MQTT_LEVEL_3_1_1,
	                            &publish, payload),
	       "\x3b\x09\0\3a/b\1\2hi");
	assert_int_equal(mqtt_compose_publish(buffer, 10, MQTT_LEVEL_3_1_1,
	                                      &publish, payload),
	                 0);
}

static void a_publish_of_qos_0_has_no_packet_id(void **state)
{
	const struct mqtt_publish publish = { .topic = BYTES("t"),
		                              .packet_id = 9 };

	(void)state;
	EXPECT(mqtt_compose_publish(buffer, sizeof(buffer), MQTT_LEVEL_3_1_1,
	                            &publish, (struct slice){ NULL, 0 }),
	       "\x30\x03\0\1t");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(connack_of_old_versions_has_no_properties),
		cmocka_unit_test(connack_of_mqtt_5_has_properties),
		cmocka_unit_test(the_oldest_version_is_told_of_no_session),
		cmocka_unit_test(disconnect_carries_its_code),
		cmocka_unit_test(acknowledgements_give_a_reason_in_mqtt_5),
		cmocka_unit_test(what_was_read_is_written_the_same),
		cmocka_unit_test(what_does_not_fit_is_not_written),
		cmocka_unit_test(long_packets_have_a_long_header),
		cmocka_unit_test(a_publish_reads_as_it_was_written),
		cmocka_unit_test(a_publish_of_qos_0_has_no_packet_id),
		cmocka_unit_test(a_string_too_long_for_mqtt_is_not_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
