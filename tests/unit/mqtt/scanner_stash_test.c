/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the scanner keeps, where, and for how long.
 */
#include "mqtt/scanner.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "mqtt/protocol.h"

#define CLIENT MQTT_SENDER_CLIENT
#define PACKET_BYTES 20000
#define HEAD_BYTES 100

static void whole_heads_are_not_copied(void **state)
{
	static const uint8_t bytes[] = "\xc0\x00\x30\x06\x00\x01tabc";
	struct slice in = { bytes, sizeof(bytes) - 1 };
	struct mqtt_scanner scanner;
	struct slice out;

	(void)state;
	mqtt_scanner_init(&scanner, CLIENT, PACKET_BYTES, HEAD_BYTES);
	scanner.level = 4;
	assert_int_equal(mqtt_scan(&scanner, &in, &out), MQTT_SCAN_HEAD);
	assert_ptr_equal(out.data, bytes);
	assert_int_equal(mqtt_scan(&scanner, &in, &out), MQTT_SCAN_HEAD);
	assert_ptr_equal(out.data, bytes + 2);
	assert_int_equal(scanner.first, 0x30);
	assert_int_equal(scanner.body_left, 3);
	assert_int_equal(mqtt_scan(&scanner, &in, &out), MQTT_SCAN_BODY);
	assert_ptr_equal(out.data, bytes + 7);
	assert_int_equal(mqtt_scan(&scanner, &in, &out), MQTT_SCAN_MORE);
	assert_int_equal(in.len, 0);
}

static enum mqtt_scan step(struct mqtt_scanner *scanner, const uint8_t *bytes,
                           size_t len, struct slice *out)
{
	struct slice in = { bytes, len };

	return mqtt_scan(scanner, &in, out);
}

static void border_is_seen_only_between_packets(void **state)
{
	static const uint8_t bytes[] = "\x30\x05\x00\x01tab";
	struct mqtt_scanner scanner;
	struct slice out;

	(void)state;
	mqtt_scanner_init(&scanner, CLIENT, PACKET_BYTES, HEAD_BYTES);
	scanner.level = 4;
	assert_true(mqtt_scanner_at_border(&scanner));
	assert_int_equal(step(&scanner, bytes, 1, &out), MQTT_SCAN_MORE);
	assert_false(mqtt_scanner_at_border(&scanner));
	assert_int_equal(mqtt_scanner_held(&scanner), 1);
	assert_int_equal(step(&scanner, bytes + 1, 4, &out), MQTT_SCAN_HEAD);
	assert_int_equal(mqtt_scanner_held(&scanner), 0);
	assert_false(mqtt_scanner_at_border(&scanner));
	assert_int_equal(step(&scanner, bytes + 5, 1, &out), MQTT_SCAN_BODY);
	assert_false(mqtt_scanner_at_border(&scanner));
	assert_int_equal(step(&scanner, bytes + 6, 1, &out), MQTT_SCAN_BODY);
	assert_true(mqtt_scanner_at_border(&scanner));
	assert_int_equal(step(&scanner, (const uint8_t *)"\xc0", 1, &out),
	                 MQTT_SCAN_MORE);
	assert_int_equal(step(&scanner, (const uint8_t *)"", 1, &out),
	                 MQTT_SCAN_HEAD);
	assert_true(mqtt_scanner_at_border(&scanner));
}

/* A SUBSCRIBE of `len` octets in all, at most 129. */
static void fill_head(uint8_t *bytes, size_t len)
{
	memset(bytes, 'x', len);
	bytes[0] = 0x82;
	bytes[1] = (uint8_t)(len - 2);
}

static void short_cut_heads_need_no_heap(void **state)
{
	uint8_t bytes[MQTT_SCANNER_INLINE];
	struct mqtt_scanner scanner;
	struct slice out;

	(void)state;
	fill_head(bytes, sizeof(bytes));
	mqtt_scanner_init(&scanner, CLIENT, PACKET_BYTES, HEAD_BYTES);
	scanner.level = 4;
	for (size_t i = 0; i + 1 < sizeof(bytes); i++) {
		assert_int_equal(step(&scanner, bytes + i, 1, &out),
		                 MQTT_SCAN_MORE);
		assert_null(scanner.stash);
	}
	assert_int_equal(step(&scanner, bytes + sizeof(bytes) - 1, 1, &out),
	                 MQTT_SCAN_HEAD);
	assert_null(scanner.stash);
	assert_ptr_equal(out.data, scanner.small);
	assert_memory_equal(out.data, bytes, sizeof(bytes));
}

static void stash_grows_by_what_arrived_and_is_given_back(void **state)
{
	uint8_t bytes[HEAD_BYTES];
	struct mqtt_scanner scanner;
	struct slice out;

	(void)state;
	fill_head(bytes, sizeof(bytes));
	mqtt_scanner_init(&scanner, CLIENT, PACKET_BYTES, HEAD_BYTES);
	scanner.level = 4;
	for (size_t i = 0; i + 1 < sizeof(bytes); i++) {
		assert_int_equal(step(&scanner, bytes + i, 1, &out),
		                 MQTT_SCAN_MORE);
		assert_true(scanner.stash_size <= 2 * (i + 1));
		assert_true(scanner.stash_size <= sizeof(bytes));
		assert_int_equal(mqtt_scanner_held(&scanner), i + 1);
	}
	assert_non_null(scanner.stash);
	assert_int_equal(step(&scanner, bytes + sizeof(bytes) - 1, 1, &out),
	                 MQTT_SCAN_HEAD);
	assert_int_equal(out.len, sizeof(bytes));
	assert_memory_equal(out.data, bytes, sizeof(bytes));
	assert_int_equal(step(&scanner, NULL, 0, &out), MQTT_SCAN_MORE);
	assert_null(scanner.stash);
	assert_int_equal(scanner.stash_size, 0);
}

static void announced_size_takes_no_memory(void **state)
{
	static const uint8_t bytes[60] = "\x10\xff\xff\xff\x7f\x00\x04MQTT";
	struct mqtt_scanner scanner;
	struct slice out;

	(void)state;
	mqtt_scanner_init(&scanner, CLIENT, MQTT_REMAINING_MAX, UINT32_MAX);
	assert_int_equal(step(&scanner, bytes, 11, &out), MQTT_SCAN_MORE);
	assert_null(scanner.stash);
	assert_int_equal(step(&scanner, bytes + 11, 49, &out), MQTT_SCAN_MORE);
	assert_true(scanner.stash_size <= 120);
	assert_int_equal(mqtt_scanner_held(&scanner), 60);
	mqtt_scanner_finish(&scanner);
	assert_null(scanner.stash);
}

static void stash_is_given_back_at_an_error(void **state)
{
	uint8_t bytes[HEAD_BYTES] = "\x30\x62\x00\x50";
	struct mqtt_scanner scanner;
	struct slice out;

	(void)state;
	mqtt_scanner_init(&scanner, CLIENT, PACKET_BYTES, HEAD_BYTES);
	scanner.level = 5;
	assert_int_equal(step(&scanner, bytes, 84, &out), MQTT_SCAN_MORE);
	assert_non_null(scanner.stash);
	bytes[84] = 0x7f;
	assert_int_equal(step(&scanner, bytes + 84, 1, &out),
	                 MQTT_SCAN_MALFORMED);
	assert_null(scanner.stash);
	assert_int_equal(mqtt_scanner_held(&scanner), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_heads_are_not_copied),
		cmocka_unit_test(border_is_seen_only_between_packets),
		cmocka_unit_test(short_cut_heads_need_no_heap),
		cmocka_unit_test(stash_grows_by_what_arrived_and_is_given_back),
		cmocka_unit_test(announced_size_takes_no_memory),
		cmocka_unit_test(stash_is_given_back_at_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
