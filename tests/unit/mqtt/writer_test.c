/* SPDX-License-Identifier: Apache-2.0 */
#include "mqtt/writer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "mqtt/protocol.h"
#include "mqtt/reader.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static uint8_t buffer[64];

static struct mqtt_writer writer_of(size_t size)
{
	struct mqtt_writer writer;

	memset(buffer, 0xa5, sizeof(buffer));
	mqtt_writer_init(&writer, buffer, size);
	return writer;
}

static void numbers_are_big_endian(void **state)
{
	struct mqtt_writer writer = writer_of(7);

	(void)state;
	mqtt_write_u8(&writer, 0x01);
	mqtt_write_u16(&writer, 0x0203);
	mqtt_write_u32(&writer, 0x04050607);
	assert_false(writer.is_full);
	assert_true(slice_is(mqtt_writer_written(&writer),
	                     "\x01\x02\x03\x04\x05\x06\x07"));
}

static void strings_have_their_length_before_them(void **state)
{
	struct mqtt_writer writer = writer_of(sizeof(buffer));

	(void)state;
	mqtt_write_string(&writer, slice_from_text("abc"));
	mqtt_write_string(&writer, (struct slice){ NULL, 0 });
	mqtt_write_bytes(&writer, slice_from_text("d"));
	mqtt_write_bytes(&writer, (struct slice){ NULL, 0 });
	assert_false(writer.is_full);
	assert_int_equal(writer.len, 8);
	assert_memory_equal(buffer, "\0\3abc\0\0d", 8);
}

static const uint32_t borders[] = {
	0, 1, 127, 128, 16383, 16384, 2097151, 2097152, 268435455,
};

static void varints_are_read_again(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(borders); i++) {
		struct mqtt_writer writer = writer_of(4);
		uint32_t value;

		mqtt_write_varint(&writer, borders[i]);
		assert_false(writer.is_full);

		struct slice rest = mqtt_writer_written(&writer);

		assert_int_equal(mqtt_reader_varint(&rest, &value),
		                 MQTT_VARINT_OK);
		assert_int_equal(value, borders[i]);
		assert_int_equal(rest.len, 0);
	}
}

static void what_cannot_be_said_does_not_fit(void **state)
{
	static const uint8_t many[UINT16_MAX + 1];
	static uint8_t large[UINT16_MAX + 10];
	struct mqtt_writer writer = writer_of(sizeof(buffer));

	(void)state;
	mqtt_write_varint(&writer, MQTT_REMAINING_MAX + 1);
	assert_true(writer.is_full);
	mqtt_writer_init(&writer, large, sizeof(large));
	mqtt_write_string(&writer, (struct slice){ many, UINT16_MAX });
	assert_false(writer.is_full);
	mqtt_writer_init(&writer, large, sizeof(large));
	mqtt_write_string(&writer, (struct slice){ many, sizeof(many) });
	assert_true(writer.is_full);
}

static void write_all(struct mqtt_writer *writer)
{
	mqtt_write_u8(writer, 1);
	mqtt_write_u16(writer, 2);
	mqtt_write_u32(writer, 3);
	mqtt_write_varint(writer, 16384);
	mqtt_write_string(writer, slice_from_text("abc"));
	mqtt_write_bytes(writer, slice_from_text("de"));
}

static void nothing_is_written_past_the_end(void **state)
{
	const size_t whole = 1 + 2 + 4 + 3 + 5 + 2;

	(void)state;
	for (size_t size = 0; size <= whole; size++) {
		struct mqtt_writer writer = writer_of(size);

		write_all(&writer);
		assert_int_equal(writer.is_full, size < whole);
		assert_in_range(writer.len, 0, size);
		for (size_t i = size; i < sizeof(buffer); i++)
			assert_int_equal(buffer[i], 0xa5);
	}
}

static void what_is_full_stays_full(void **state)
{
	struct mqtt_writer writer = writer_of(2);

	(void)state;
	mqtt_write_u8(&writer, 1);
	mqtt_write_u16(&writer, 2);
	assert_true(writer.is_full);
	mqtt_write_u8(&writer, 3);
	assert_true(writer.is_full);
	assert_int_equal(writer.len, 1);
	assert_int_equal(buffer[1], 0xa5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_big_endian),
		cmocka_unit_test(strings_have_their_length_before_them),
		cmocka_unit_test(varints_are_read_again),
		cmocka_unit_test(what_cannot_be_said_does_not_fit),
		cmocka_unit_test(nothing_is_written_past_the_end),
		cmocka_unit_test(what_is_full_stays_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
