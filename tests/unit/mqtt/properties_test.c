/* SPDX-License-Identifier: Apache-2.0 */
#include "mqtt/properties.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "mqtt/writer.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))
#define BYTES(bytes)                                                           \
	{                                                                      \
		(const uint8_t *)(bytes), sizeof(bytes) - 1                    \
	}

#define OK MQTT_PROPERTIES_OK
#define MALFORMED MQTT_PROPERTIES_MALFORMED
#define PROTOCOL MQTT_PROPERTIES_PROTOCOL_ERROR
#define USER_BYTES 5 /* of the shortest user property */

/* Each known property once, by id, with a value that is allowed. */
static const struct {
	struct slice bytes;
	const char *places; /* one character for each, as in `letters` */
} known[] = {
	{ BYTES("\x01\x01"), "pw" },
	{ BYTES("\x02\x00\x00\x00\x00"), "pw" },
	{ BYTES("\x03\x00\x00"), "pw" },
	{ BYTES("\x08\x00\x01r"), "pw" },
	{ BYTES("\x09\x00\x01\xff"), "pw" },
	{ BYTES("\x0b\xff\x7f"), "ps" },
	{ BYTES("\x11\xff\xff\xff\xff"), "cCd" },
	{ BYTES("\x12\x00\x01x"), "C" },
	{ BYTES("\x13\x00\x00"), "C" },
	{ BYTES("\x15\x00\x01m"), "cCa" },
	{ BYTES("\x16\x00\x01\x00"), "cCa" },
	{ BYTES("\x17\x00"), "c" },
	{ BYTES("\x18\x00\x00\x00\x05"), "w" },
	{ BYTES("\x19\x01"), "c" },
	{ BYTES("\x1a\x00\x01i"), "C" },
	{ BYTES("\x1c\x00\x01s"), "Cd" },
	{ BYTES("\x1f\x00\x01r"), "C1234Sda6" },
	{ BYTES("\x21\x00\x01"), "cC" },
	{ BYTES("\x22\x00\x00"), "cC" },
	{ BYTES("\x23\x00\x01"), "p" },
	{ BYTES("\x24\x01"), "C" },
	{ BYTES("\x25\x00"), "C" },
	{ BYTES("\x26\x00\x00\x00\x00"), "wcCp1234sSu6da" },
	{ BYTES("\x27\x00\x00\x00\x01"), "cC" },
	{ BYTES("\x28\x01"), "C" },
	{ BYTES("\x29\x01"), "C" },
	{ BYTES("\x2a\x01"), "C" },
};

/* By packet type; the will's place is 0, PING has no properties. */
static const char letters[] = "wcCp1234sSu6--da";

static enum mqtt_properties_verdict check(struct slice list,
                                          enum mqtt_type place)
{
	struct mqtt_properties_used used = { 0 };

	return mqtt_properties_check(list, place, &used);
}

static void each_property_stands_only_where_it_belongs(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(known); i++) {
		for (unsigned place = 0; place < 16; place++) {
			bool is_here = letters[place] != '-' &&
			               strchr(known[i].places, letters[place]);

			if (check(known[i].bytes, (enum mqtt_type)place) !=
			    (is_here ? OK : MALFORMED))
				fail_msg("id %u, type %u",
				         known[i].bytes.data[0], place);
		}
	}
}

static bool is_known(uint8_t id)
{
	for (size_t i = 0; i < LENGTH(known); i++) {
		if (known[i].bytes.data[0] == id)
			return true;
	}
	return false;
}

static void unknown_ids_are_malformed(void **state)
{
	(void)state;
	for (uint8_t id = 0; id < 128; id++) {
		const uint8_t bytes[] = { id, 0, 0, 0, 0 };
		struct slice rest = { bytes, sizeof(bytes) };
		struct mqtt_property property;

		if (id != 0x08)
			assert_int_equal(mqtt_properties_take(&rest, &property),
			                 is_known(id));
	}
}

static void cut_properties_are_malformed(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(known); i++) {
		struct slice list = known[i].bytes;
		struct mqtt_property property;

		for (list.len--; list.len > 0; list.len--) {
			struct slice rest = list;

			assert_false(mqtt_properties_take(&rest, &property));
			assert_int_equal(rest.len, list.len);
		}
	}
}

static const struct {
	enum mqtt_type place;
	struct slice list;
	enum mqtt_properties_verdict verdict;
} lists[] = {
	{ MQTT_CONNECT, BYTES(""), OK },
	{ MQTT_CONNECT, BYTES("\x21\x00\x00"), PROTOCOL },
	{ MQTT_CONNECT, BYTES("\x27\x00\x00\x00\x00"), PROTOCOL },
	{ MQTT_CONNECT, BYTES("\x17\x02"), PROTOCOL },
	{ MQTT_CONNECT, BYTES("\x19\xff"), PROTOCOL },
	{ MQTT_CONNACK, BYTES("\x24\x02"), PROTOCOL },
	{ MQTT_PUBLISH, BYTES("\x01\x02"), PROTOCOL },
	{ MQTT_PUBLISH, BYTES("\x0b\x00"), PROTOCOL },
	{ MQTT_PUBLISH, BYTES("\x0b\x80\x00"), MALFORMED },
	{ MQTT_PUBLISH, BYTES("\x0b\xff\xff\xff\xff\x01"), MALFORMED },
	{ MQTT_PUBLISH, BYTES("\x0b\x01\x0b\x01"), OK },
	{ MQTT_SUBSCRIBE, BYTES("\x0b\x01\x0b\x02"), PROTOCOL },
	{ MQTT_PUBLISH, BYTES("\x23\x00\x00"), OK },
	{ MQTT_PUBLISH, BYTES("\x08\x00\x00"), MALFORMED },
	{ MQTT_PUBLISH, BYTES("\x08\x00\x01#"), PROTOCOL },
	{ MQTT_PUBLISH, BYTES("\x08\x00\x01\xff"), MALFORMED },
	{ MQTT_PUBLISH, BYTES("\x03\x00\x01\n"), MALFORMED },
	{ MQTT_PUBLISH, BYTES("\x26\x00\x01\x00\x00\x00"), MALFORMED },
	{ MQTT_PUBLISH, BYTES("\x26\x00\x00\x00\x01\xff"), MALFORMED },
	{ MQTT_PUBLISH, BYTES("\x81\x00\x01"), MALFORMED },
	{ MQTT_CONNECT, BYTES("\x17\x00\x17\x00"), PROTOCOL },
	{ MQTT_CONNECT, BYTES("\x17\x00\x19\x00\x17\x01"), PROTOCOL },
	{ MQTT_CONNECT,
	  BYTES("\x26\x00\x01"
	        "a\x00\x00\x26\x00\x01"
	        "a\x00\x00"),
	  OK },
};

static void lists_are_judged_whole(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(lists); i++) {
		if (check(lists[i].list, lists[i].place) != lists[i].verdict)
			fail_msg("row %zu", i);
	}
}

static uint8_t many[MQTT_PROPERTIES_BYTES + 1];

/* `count` user properties without text. */
static struct slice users(size_t count)
{
	memset(many, 0, sizeof(many));
	for (size_t i = 0; i < count; i++)
		many[i * USER_BYTES] = MQTT_PROPERTY_USER;
	return (struct slice){ many, count * USER_BYTES };
}

/* One user property that fills `len` octets. */
static struct slice long_user(size_t len)
{
	size_t value = len - USER_BYTES;

	memset(many, 'x', sizeof(many));
	memcpy(many, "\x26\x00\x00", 3);
	many[3] = (uint8_t)(value >> 8);
	many[4] = (uint8_t)value;
	return (struct slice){ many, len };
}

static void number_of_properties_is_limited(void **state)
{
	(void)state;
	assert_int_equal(check(users(MQTT_PROPERTIES_MAX), MQTT_PUBLISH), OK);
	assert_int_equal(check(users(MQTT_PROPERTIES_MAX + 1), MQTT_PUBLISH),
	                 MQTT_PROPERTIES_TOO_MANY);
}

static void octets_of_properties_are_limited(void **state)
{
	(void)state;
	assert_int_equal(check(long_user(MQTT_PROPERTIES_BYTES), MQTT_PUBLISH),
	                 OK);
	assert_int_equal(
	    check(long_user(MQTT_PROPERTIES_BYTES + 1), MQTT_PUBLISH),
	    MQTT_PROPERTIES_TOO_MANY);
}

static void limits_hold_for_all_lists_of_a_packet(void **state)
{
	struct mqtt_properties_used used = { 0 };

	(void)state;
	assert_int_equal(mqtt_properties_check(users(40), MQTT_CONNECT, &used),
	                 OK);
	assert_int_equal(mqtt_properties_check(users(24), MQTT_RESERVED, &used),
	                 OK);
	assert_int_equal(mqtt_properties_check(users(1), MQTT_RESERVED, &used),
	                 MQTT_PROPERTIES_TOO_MANY);
	used = (struct mqtt_properties_used){ .bytes = 100 };
	assert_int_equal(
	    mqtt_properties_check(long_user(MQTT_PROPERTIES_BYTES - 99),
	                          MQTT_CONNECT, &used),
	    MQTT_PROPERTIES_TOO_MANY);
}

static void taken_property_tells_its_parts(void **state)
{
	const struct slice list = BYTES("\x02\x01\x02\x03\x04\x26\x00\x01n\x00"
	                                "\x02vv\x23\x00\x09");
	struct mqtt_property property;

	(void)state;
	assert_true(mqtt_properties_find(list, MQTT_PROPERTY_USER, &property));
	assert_true(slice_is(property.name, "n"));
	assert_true(slice_is(property.value, "vv"));
	assert_ptr_equal(property.whole.data, list.data + 5);
	assert_int_equal(property.whole.len, 8);
	assert_true(mqtt_properties_find(list, MQTT_PROPERTY_MESSAGE_EXPIRY,
	                                 &property));
	assert_int_equal(property.number, 0x01020304);
	assert_true(
	    mqtt_properties_find(list, MQTT_PROPERTY_TOPIC_ALIAS, &property));
	assert_int_equal(property.number, 9);
	assert_false(
	    mqtt_properties_find(list, MQTT_PROPERTY_CONTENT_TYPE, &property));
	assert_int_equal(property.number, 9);
}

static void checked_lists_are_told_by_their_bits(void **state)
{
	const struct slice list = BYTES("\x01\x01\x23\x00\x09");
	struct mqtt_properties_used used = { 0 };

	(void)state;
	assert_int_equal(mqtt_properties_check(list, MQTT_PUBLISH, &used), OK);
	assert_true(used.met ==
	            (mqtt_properties_bit(MQTT_PROPERTY_PAYLOAD_FORMAT) |
	             mqtt_properties_bit(MQTT_PROPERTY_TOPIC_ALIAS)));
}

static const struct {
	struct slice bytes;
	enum mqtt_fault fault;
} readings[] = {
	{ BYTES("\x00"), MQTT_FAULT_NONE },
	{ BYTES("\x02\x17\x00"), MQTT_FAULT_NONE },
	{ BYTES(""), MQTT_FAULT_MALFORMED },
	{ BYTES("\x80"), MQTT_FAULT_MALFORMED },
	{ BYTES("\x80\x00"), MQTT_FAULT_MALFORMED },
	{ BYTES("\x03\x17\x00"), MQTT_FAULT_MALFORMED },
	{ BYTES("\x01\x17\x00"), MQTT_FAULT_MALFORMED },
	{ BYTES("\x02\x17\x02"), MQTT_FAULT_PROTOCOL },
	{ BYTES("\x04\x17\x00\x17\x00"), MQTT_FAULT_PROTOCOL },
};

static void lists_are_read_with_their_length(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(readings); i++) {
		struct mqtt_properties_used used = { 0 };
		struct slice rest = readings[i].bytes;
		struct slice list;

		assert_int_equal(
		    mqtt_properties_read(&rest, MQTT_CONNECT, &used, &list),
		    readings[i].fault);
		if (readings[i].fault == MQTT_FAULT_NONE) {
			assert_int_equal(rest.len, 0);
			assert_int_equal(list.len, readings[i].bytes.len - 1);
		}
	}
}

static void reading_stops_behind_the_list(void **state)
{
	struct mqtt_properties_used used = { 0 };
	struct slice rest = BYTES("\x02\x17\x00rest");
	struct slice list;

	(void)state;
	assert_int_equal(
	    mqtt_properties_read(&rest, MQTT_CONNECT, &used, &list),
	    MQTT_FAULT_NONE);
	assert_true(slice_is(rest, "rest"));
	assert_int_equal(list.len, 2);
}

static void copies_leave_out_what_is_not_wanted(void **state)
{
	const struct slice list = BYTES("\x21\x00\x05\x26\x00\x01n\x00\x01v"
	                                "\x22\x00\x0a\x26\x00\x00\x00\x00");
	struct mqtt_writer writer;
	uint8_t buffer[32];

	(void)state;
	mqtt_writer_init(&writer, buffer, sizeof(buffer));
	mqtt_properties_copy(&writer, list, 0);
	assert_true(slice_equals(mqtt_writer_written(&writer), list));
	mqtt_writer_init(&writer, buffer, sizeof(buffer));
	mqtt_properties_copy(
	    &writer, list,
	    mqtt_properties_bit(MQTT_PROPERTY_USER) |
	        mqtt_properties_bit(MQTT_PROPERTY_RECEIVE_MAXIMUM));
	assert_true(slice_equals(mqtt_writer_written(&writer),
	                         (struct slice)BYTES("\x22\x00\x0a")));
	mqtt_writer_init(&writer, buffer, list.len - 1);
	mqtt_properties_copy(&writer, list, 0);
	assert_true(writer.is_full);
}

static void put_properties_are_read_again(void **state)
{
	const struct slice expected =
	    BYTES("\x24\x01\x21\x01\x02\x11\x01\x02\x03\x04\x0b\xac\x02"
	          "\x12\x00\x02id\x16\x00\x01\xff");
	struct mqtt_writer writer;
	uint8_t buffer[32];

	(void)state;
	mqtt_writer_init(&writer, buffer, sizeof(buffer));
	mqtt_properties_put_number(&writer, MQTT_PROPERTY_MAXIMUM_QOS, 1);
	mqtt_properties_put_number(&writer, MQTT_PROPERTY_RECEIVE_MAXIMUM,
	                           0x0102);
	mqtt_properties_put_number(&writer, MQTT_PROPERTY_SESSION_EXPIRY,
	                           0x01020304);
	mqtt_properties_put_number(&writer, MQTT_PROPERTY_SUBSCRIPTION_ID, 300);
	mqtt_properties_put_string(&writer, MQTT_PROPERTY_ASSIGNED_CLIENT_ID,
	                           slice_from_text("id"));
	mqtt_properties_put_string(&writer, MQTT_PROPERTY_AUTH_DATA,
	                           slice_from_text("\xff"));
	assert_false(writer.is_full);
	assert_true(slice_equals(mqtt_writer_written(&writer), expected));
}

/* A name may come again, and both texts may be empty [MQTT5 3.3.2.3.7]. */
static void put_user_properties_keep_their_order(void **state)
{
	const struct slice expected =
	    BYTES("\x26\x00\x01n\x00\x02vv\x26\x00\x01n\x00\x01w"
	          "\x26\x00\x00\x00\x00");
	struct mqtt_writer writer;
	uint8_t buffer[32];

	(void)state;
	mqtt_writer_init(&writer, buffer, sizeof(buffer));
	mqtt_properties_put_user(&writer, slice_from_text("n"),
	                         slice_from_text("vv"));
	mqtt_properties_put_user(&writer, slice_from_text("n"),
	                         slice_from_text("w"));
	mqtt_properties_put_user(&writer, (struct slice){ NULL, 0 },
	                         (struct slice){ NULL, 0 });
	assert_false(writer.is_full);
	assert_true(slice_equals(mqtt_writer_written(&writer), expected));
	mqtt_writer_init(&writer, buffer, 7);
	mqtt_properties_put_user(&writer, slice_from_text("n"),
	                         slice_from_text("vv"));
	assert_true(writer.is_full);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_property_stands_only_where_it_belongs),
		cmocka_unit_test(unknown_ids_are_malformed),
		cmocka_unit_test(cut_properties_are_malformed),
		cmocka_unit_test(lists_are_judged_whole),
		cmocka_unit_test(number_of_properties_is_limited),
		cmocka_unit_test(octets_of_properties_are_limited),
		cmocka_unit_test(limits_hold_for_all_lists_of_a_packet),
		cmocka_unit_test(taken_property_tells_its_parts),
		cmocka_unit_test(checked_lists_are_told_by_their_bits),
		cmocka_unit_test(lists_are_read_with_their_length),
		cmocka_unit_test(reading_stops_behind_the_list),
		cmocka_unit_test(copies_leave_out_what_is_not_wanted),
		cmocka_unit_test(put_properties_are_read_again),
		cmocka_unit_test(put_user_properties_keep_their_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
