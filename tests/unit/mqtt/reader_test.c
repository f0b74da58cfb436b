/* SPDX-License-Identifier: Apache-2.0 */
#include "mqtt/reader.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "mqtt/protocol.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))
#define BYTES(bytes)                                                           \
	(struct slice)                                                         \
	{                                                                      \
		(const uint8_t *)(bytes), sizeof(bytes) - 1                    \
	}

static void numbers_are_big_endian(void **state)
{
	struct slice rest = BYTES("\x01\xff\x80\xfe\xdc\xba\x98");
	uint8_t octet;
	uint16_t word;
	uint32_t number;

	(void)state;
	assert_true(mqtt_reader_u8(&rest, &octet));
	assert_int_equal(octet, 1);
	assert_true(mqtt_reader_u16(&rest, &word));
	assert_int_equal(word, 0xff80);
	assert_true(mqtt_reader_u32(&rest, &number));
	assert_int_equal(number, 0xfedcba98);
	assert_int_equal(rest.len, 0);
}

static void short_numbers_are_refused_and_left_alone(void **state)
{
	struct slice rest = BYTES("\x01\x02\x03");
	uint32_t number = 7;
	uint16_t word = 7;
	uint8_t octet = 7;

	(void)state;
	assert_false(mqtt_reader_u32(&rest, &number));
	assert_int_equal(rest.len, 3);
	rest.len = 1;
	assert_false(mqtt_reader_u16(&rest, &word));
	assert_int_equal(rest.len, 1);
	rest.len = 0;
	assert_false(mqtt_reader_u8(&rest, &octet));
	assert_int_equal(number, 7);
	assert_int_equal(word, 7);
	assert_int_equal(octet, 7);
}

static void varint_takes_one_to_four_octets(void **state)
{
	static const struct {
		struct slice bytes;
		uint32_t value;
	} samples[] = {
		{ { (const uint8_t *)"\x00", 1 }, 0 },
		{ { (const uint8_t *)"\x7f", 1 }, 127 },
		{ { (const uint8_t *)"\x80\x01", 2 }, 128 },
		{ { (const uint8_t *)"\xff\x7f", 2 }, 16383 },
		{ { (const uint8_t *)"\x80\x80\x01", 3 }, 16384 },
		{ { (const uint8_t *)"\xff\xff\x7f", 3 }, 2097151 },
		{ { (const uint8_t *)"\x80\x80\x80\x01", 4 }, 2097152 },
		{ { (const uint8_t *)"\xff\xff\xff\x7f", 4 },
		  MQTT_REMAINING_MAX },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(samples); i++) {
		struct slice rest = samples[i].bytes;
		uint32_t value;

		assert_int_equal(mqtt_reader_varint(&rest, &value),
		                 MQTT_VARINT_OK);
		assert_int_equal(value, samples[i].value);
		assert_int_equal(rest.len, 0);
	}
}

static void expect_varint(struct slice bytes, enum mqtt_varint expected)
{
	struct slice rest = bytes;
	uint32_t value = 7;

	assert_int_equal(mqtt_reader_varint(&rest, &value), expected);
	assert_int_equal(rest.len, bytes.len);
	assert_int_equal(value, 7);
}

static void bad_varint_is_told_from_a_cut_one(void **state)
{
	(void)state;
	expect_varint(BYTES(""), MQTT_VARINT_SHORT);
	expect_varint(BYTES("\x80"), MQTT_VARINT_SHORT);
	expect_varint(BYTES("\xff\xff\xff"), MQTT_VARINT_SHORT);
	expect_varint(BYTES("\xff\xff\xff\xff"), MQTT_VARINT_MALFORMED);
	expect_varint(BYTES("\x80\x80\x80\x80\x01"), MQTT_VARINT_MALFORMED);
	expect_varint(BYTES("\x80\x00"), MQTT_VARINT_MALFORMED);
	expect_varint(BYTES("\xff\x80\x00"), MQTT_VARINT_MALFORMED);
	expect_varint(BYTES("\x81\x80\x80\x00"), MQTT_VARINT_MALFORMED);
}

static void binary_never_runs_past_the_end(void **state)
{
	struct slice whole = BYTES("\x00\x02\xff\x00\x01");
	struct slice rest = whole;
	struct slice binary = { 0 };

	(void)state;
	assert_true(mqtt_reader_binary(&rest, &binary));
	assert_ptr_equal(binary.data, whole.data + 2);
	assert_int_equal(binary.len, 2);
	assert_int_equal(rest.len, 1);
	assert_false(mqtt_reader_binary(&rest, &binary));
	assert_int_equal(rest.len, 1);
	rest = BYTES("\x00\x03"
	             "ab");
	assert_false(mqtt_reader_binary(&rest, &binary));
	assert_int_equal(rest.len, 4);
	assert_int_equal(binary.len, 2);
}

static void string_must_be_text(void **state)
{
	struct slice rest = BYTES("\x00\x02\xc3\xa4\x00\x01\xff");
	struct slice string = { 0 };

	(void)state;
	assert_true(mqtt_reader_string(&rest, &string));
	assert_int_equal(string.len, 2);
	assert_false(mqtt_reader_string(&rest, &string));
	assert_int_equal(rest.len, 3);
	assert_int_equal(string.len, 2);
}

static void a_header_tells_of_all_that_follows(void **state)
{
	const struct slice wrong[] = {
		BYTES(""),
		BYTES("\xc0"),
		BYTES("\xc0\x00x"),
		BYTES("\x20\x03\x00\x00"),
		BYTES("\x20\x80\x00"),
	};
	struct slice rest = BYTES("\x20\x02xy");
	uint8_t first;

	(void)state;
	assert_true(mqtt_reader_header(&rest, &first));
	assert_int_equal(first, 0x20);
	assert_true(slice_is(rest, "xy"));
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		rest = wrong[i];
		assert_false(mqtt_reader_header(&rest, &first));
		assert_int_equal(rest.len, wrong[i].len);
		assert_int_equal(first, 0x20);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_big_endian),
		cmocka_unit_test(short_numbers_are_refused_and_left_alone),
		cmocka_unit_test(varint_takes_one_to_four_octets),
		cmocka_unit_test(bad_varint_is_told_from_a_cut_one),
		cmocka_unit_test(binary_never_runs_past_the_end),
		cmocka_unit_test(string_must_be_text),
		cmocka_unit_test(a_header_tells_of_all_that_follows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
