/* SPDX-License-Identifier: Apache-2.0 */
#include "mqtt/connect.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))
#define BYTES(bytes)                                                           \
	{                                                                      \
		(const uint8_t *)(bytes), sizeof(bytes) - 1                    \
	}

#define OK MQTT_CONNECT_OK
#define MALFORMED MQTT_CONNECT_MALFORMED
#define PROTOCOL MQTT_CONNECT_PROTOCOL_ERROR
#define UNKNOWN MQTT_CONNECT_UNKNOWN_LEVEL
#define BAD_ID MQTT_CONNECT_BAD_CLIENT_ID

/* Up to and with the level; what follows: flags, keep alive, ... */
#define V31 "\x00\x06MQIsdp\x03"
#define V311 "\x00\x04MQTT\x04"
#define V5 "\x00\x04MQTT\x05"

#define ID "\x00\x01i"
#define USER "\x00\x01u"
#define PASS "\x00\x02\xff\x00"
#define WILL "\x00\x01w\x00\x02\xff\n"

struct sample {
	const char *what;
	enum mqtt_connect_read verdict;
	uint8_t level;
	struct slice content; /* of the packet behind its fixed header */
};

static const struct sample samples[] = {
	{ "unknown name", UNKNOWN, 0, BYTES("\x00\x05MQTTX\x04\x02\0\0" ID) },
	{ "empty name", UNKNOWN, 0, BYTES("\x00\x00\x04\x02\0\0" ID) },
	{ "name in lower case", UNKNOWN, 0,
	  BYTES("\x00\x04mqtt\x04\x02\0\0" ID) },
	{ "level 0", UNKNOWN, 0, BYTES("\x00\x04MQTT\x00\x02\0\0" ID) },
	{ "level 6", UNKNOWN, 0, BYTES("\x00\x04MQTT\x06\x02\0\0" ID) },
	{ "level 255", UNKNOWN, 0, BYTES("\x00\x04MQTT\xff\x02\0\0" ID) },
	{ "MQTT with level 3", UNKNOWN, 0,
	  BYTES("\x00\x04MQTT\x03\x02\0\0" ID) },
	{ "MQIsdp with level 4", UNKNOWN, 0,
	  BYTES("\x00\x06MQIsdp\x04\x02\0\0" ID) },
	{ "MQIsdp with level 5", UNKNOWN, 0,
	  BYTES("\x00\x06MQIsdp\x05\x02\0\0\0" ID) },
	{ "bridge 3.1", UNKNOWN, 0, BYTES("\x00\x06MQIsdp\x83\x02\0\0" ID) },
	{ "bridge 3.1.1", UNKNOWN, 0, BYTES("\x00\x04MQTT\x84\x02\0\0" ID) },
	{ "nothing", MALFORMED, 0, BYTES("") },
	{ "name past the end", MALFORMED, 0, BYTES("\x00\x05MQTT") },
	{ "no level", MALFORMED, 0, BYTES("\x00\x04MQTT") },

	{ "3.1", OK, 3, BYTES(V31 "\x02\0\0" ID) },
	{ "3.1, everything", OK, 3, BYTES(V31 "\xf6\0\0" ID WILL USER PASS) },
	{ "3.1, unused bit", OK, 3, BYTES(V31 "\x03\0\0" ID) },
	{ "3.1, will bits without will", OK, 3, BYTES(V31 "\x2a\0\0" ID) },
	{ "3.1, will qos 3", MALFORMED, 3, BYTES(V31 "\x1e\0\0" ID WILL) },
	{ "3.1, long id", OK, 3,
	  BYTES(V31 "\x02\0\0\0\32abcdefghijklmnopqrstuvwxyz") },
	{ "3.1, no id", BAD_ID, 3, BYTES(V31 "\x02\0\0\0\0") },
	{ "3.1, no id, not clean", BAD_ID, 3, BYTES(V31 "\x00\0\0\0\0") },
	{ "3.1, no id and more amiss", MALFORMED, 3,
	  BYTES(V31 "\x02\0\0\0\0\0") },
	{ "3.1, user name missing", OK, 3, BYTES(V31 "\x82\0\0" ID) },
	{ "3.1, login missing", OK, 3, BYTES(V31 "\xc2\0\0" ID) },
	{ "3.1, password missing", OK, 3, BYTES(V31 "\xc2\0\0" ID USER) },
	{ "3.1, user name cut", MALFORMED, 3, BYTES(V31 "\x82\0\0" ID "\0") },
	{ "3.1, password alone", MALFORMED, 3, BYTES(V31 "\x42\0\0" ID PASS) },
	{ "3.1, will missing", MALFORMED, 3, BYTES(V31 "\x06\0\0" ID) },
	{ "3.1, trailing octet", MALFORMED, 3, BYTES(V31 "\x02\0\0" ID "x") },

	{ "3.1.1", OK, 4, BYTES(V311 "\x02\0\0" ID) },
	{ "3.1.1, not clean", OK, 4, BYTES(V311 "\x00\0\0" ID) },
	{ "3.1.1, everything", OK, 4,
	  BYTES(V311 "\xee\0\x3c" ID WILL USER PASS) },
	{ "3.1.1, user name alone", OK, 4, BYTES(V311 "\x82\0\0" ID USER) },
	{ "3.1.1, empty login", OK, 4, BYTES(V311 "\xc2\0\0" ID "\0\0\0\0") },
	{ "3.1.1, empty will", OK, 4, BYTES(V311 "\x06\0\0" ID "\0\1w\0\0") },
	{ "3.1.1, will qos 2", OK, 4, BYTES(V311 "\x16\0\0" ID WILL) },
	{ "3.1.1, no id, clean", OK, 4, BYTES(V311 "\x02\0\0\0\0") },
	{ "3.1.1, no id, not clean", BAD_ID, 4, BYTES(V311 "\x00\0\0\0\0") },
	{ "3.1.1, no flags", MALFORMED, 4, BYTES(V311) },
	{ "3.1.1, keep alive cut", MALFORMED, 4, BYTES(V311 "\x02\0") },
	{ "3.1.1, no payload", MALFORMED, 4, BYTES(V311 "\x02\0\0") },
	{ "3.1.1, id cut", MALFORMED, 4, BYTES(V311 "\x02\0\0\0\2i") },
	{ "3.1.1, longest id, cut", MALFORMED, 4,
	  BYTES(V311 "\x02\0\0\xff\xffi") },
	{ "3.1.1, reserved bit", MALFORMED, 4, BYTES(V311 "\x03\0\0" ID) },
	{ "3.1.1, will qos without will", MALFORMED, 4,
	  BYTES(V311 "\x0a\0\0" ID) },
	{ "3.1.1, will retain without will", MALFORMED, 4,
	  BYTES(V311 "\x22\0\0" ID) },
	{ "3.1.1, will qos 3", MALFORMED, 4, BYTES(V311 "\x1e\0\0" ID WILL) },
	{ "3.1.1, password alone", MALFORMED, 4,
	  BYTES(V311 "\x42\0\0" ID PASS) },
	{ "3.1.1, user name missing", MALFORMED, 4, BYTES(V311 "\x82\0\0" ID) },
	{ "3.1.1, password missing", MALFORMED, 4,
	  BYTES(V311 "\xc2\0\0" ID USER) },
	{ "3.1.1, password cut", MALFORMED, 4,
	  BYTES(V311 "\xc2\0\0" ID USER "\0\3pw") },
	{ "3.1.1, will topic missing", MALFORMED, 4,
	  BYTES(V311 "\x06\0\0" ID) },
	{ "3.1.1, will payload missing", MALFORMED, 4,
	  BYTES(V311 "\x06\0\0" ID "\0\1w") },
	{ "3.1.1, will payload cut", MALFORMED, 4,
	  BYTES(V311 "\x06\0\0" ID "\0\1w\0\1") },
	{ "3.1.1, will topic empty", MALFORMED, 4,
	  BYTES(V311 "\x06\0\0" ID "\0\0\0\0") },
	{ "3.1.1, will topic with #", MALFORMED, 4,
	  BYTES(V311 "\x06\0\0" ID "\0\3w/#\0\0") },
	{ "3.1.1, will topic with +", MALFORMED, 4,
	  BYTES(V311 "\x06\0\0" ID "\0\3w/+\0\0") },
	{ "3.1.1, will topic not text", MALFORMED, 4,
	  BYTES(V311 "\x06\0\0" ID "\0\1\xff\0\0") },
	{ "3.1.1, id not text", MALFORMED, 4,
	  BYTES(V311 "\x02\0\0\0\2\xc0\x80") },
	{ "3.1.1, NUL in id", MALFORMED, 4, BYTES(V311 "\x02\0\0\0\1\0") },
	{ "3.1.1, surrogate in user name", MALFORMED, 4,
	  BYTES(V311 "\x82\0\0" ID "\0\3\xed\xa0\x80") },
	{ "3.1.1, control in user name", MALFORMED, 4,
	  BYTES(V311 "\x82\0\0" ID "\0\1\n") },
	{ "3.1.1, U+FEFF in id", OK, 4,
	  BYTES(V311 "\x02\0\0\0\3\xef\xbb\xbf") },
	{ "3.1.1, trailing octet", MALFORMED, 4,
	  BYTES(V311 "\x02\0\0" ID "\0") },
	{ "3.1.1 has no properties", MALFORMED, 4,
	  BYTES(V311 "\x02\0\0\0" ID) },

	{ "5", OK, 5, BYTES(V5 "\x02\0\0\0" ID) },
	{ "5, no id", OK, 5, BYTES(V5 "\x02\0\0\0\0\0") },
	{ "5, no id, not clean", OK, 5, BYTES(V5 "\x00\0\0\0\0\0") },
	{ "5, everything", OK, 5,
	  BYTES(V5 "\xf6\0\x3c\x11\x11\0\0\0\1\x21\0\1\x27\0\0\1\0\x15\0\1m" ID
	           "\x05\x18\0\0\0\5" WILL USER PASS) },
	{ "5, password alone", OK, 5, BYTES(V5 "\x42\0\0\0" ID PASS) },
	{ "5, password missing", MALFORMED, 5, BYTES(V5 "\x42\0\0\0" ID) },
	{ "5, reserved bit", MALFORMED, 5, BYTES(V5 "\x03\0\0\0" ID) },
	{ "5, will qos without will", MALFORMED, 5, BYTES(V5 "\x12\0\0\0" ID) },
	{ "5, will retain without will", MALFORMED, 5,
	  BYTES(V5 "\x22\0\0\0" ID) },
	{ "5, will qos 3", MALFORMED, 5, BYTES(V5 "\x1e\0\0\0" ID "\0" WILL) },
	{ "5, properties missing", MALFORMED, 5, BYTES(V5 "\x02\0\0") },
	{ "5, properties past the end", MALFORMED, 5,
	  BYTES(V5 "\x02\0\0\x05\x17\0") },
	{ "5, property past its list", MALFORMED, 5,
	  BYTES(V5 "\x02\0\0\2\x21\0\0\1i") },
	{ "5, length of properties not the shortest", MALFORMED, 5,
	  BYTES(V5 "\x02\0\0\x80\0" ID) },
	{ "5, unknown property", MALFORMED, 5,
	  BYTES(V5 "\x02\0\0\2\x7f\0" ID) },
	{ "5, property of a will", MALFORMED, 5,
	  BYTES(V5 "\x02\0\0\5\x18\0\0\0\1" ID) },
	{ "5, property twice", PROTOCOL, 5,
	  BYTES(V5 "\x02\0\0\4\x17\0\x17\0" ID) },
	{ "5, user property twice", OK, 5,
	  BYTES(V5 "\x02\0\0\x0a\x26\0\0\0\0\x26\0\0\0\0" ID) },
	{ "5, receive maximum 0", PROTOCOL, 5,
	  BYTES(V5 "\x02\0\0\3\x21\0\0" ID) },
	{ "5, maximum packet size 0", PROTOCOL, 5,
	  BYTES(V5 "\x02\0\0\5\x27\0\0\0\0" ID) },
	{ "5, request problem information 2", PROTOCOL, 5,
	  BYTES(V5 "\x02\0\0\2\x17\2" ID) },
	{ "5, request response information 2", PROTOCOL, 5,
	  BYTES(V5 "\x02\0\0\2\x19\2" ID) },
	{ "5, authentication", OK, 5,
	  BYTES(V5 "\x02\0\0\7\x16\0\0\x15\0\1m" ID) },
	{ "5, authentication data alone", PROTOCOL, 5,
	  BYTES(V5 "\x02\0\0\3\x16\0\0" ID) },
	{ "5, NUL in user property", MALFORMED, 5,
	  BYTES(V5 "\x02\0\0\6\x26\0\1\0\0\0" ID) },
	{ "5, will properties missing", MALFORMED, 5,
	  BYTES(V5 "\x06\0\0\0" ID) },
	{ "5, will property of CONNECT", MALFORMED, 5,
	  BYTES(V5 "\x06\0\0\0" ID "\3\x21\0\1" WILL) },
	{ "5, will delay twice", PROTOCOL, 5,
	  BYTES(V5 "\x06\0\0\0" ID "\x0a\x18\0\0\0\1\x18\0\0\0\1" WILL) },
	{ "5, will format 2", PROTOCOL, 5,
	  BYTES(V5 "\x06\0\0\0" ID "\2\1\2" WILL) },
	{ "5, will that is no text as it says", PROTOCOL, 5,
	  BYTES(V5 "\x06\0\0\0" ID "\2\1\1" WILL) },
	{ "5, will that is no text nor says so", OK, 5,
	  BYTES(V5 "\x06\0\0\0" ID "\2\1\0" WILL) },
	{ "5, will of text with a line feed", OK, 5,
	  BYTES(V5 "\x06\0\0\0" ID "\2\1\1\0\1w\0\2{\n") },
	{ "5, response topic with wildcard", PROTOCOL, 5,
	  BYTES(V5 "\x06\0\0\0" ID "\4\x08\0\1#" WILL) },
	{ "5, will topic empty", MALFORMED, 5,
	  BYTES(V5 "\x06\0\0\0" ID "\0\0\0\0\0") },
	{ "5, trailing octet", MALFORMED, 5, BYTES(V5 "\x02\0\0\0" ID "\0") },
};

/* A packet in memory that ends where the packet ends. */
struct packet {
	uint8_t *bytes;
	size_t len;
};

#define HEADER_MOST 3

static struct packet pack(struct slice content)
{
	size_t header = content.len < 128 ? 2 : HEADER_MOST;
	uint8_t *bytes = malloc(header + content.len);

	assert_non_null(bytes);
	assert_true(content.len < 128 * 128);
	bytes[0] = 0x10;
	bytes[1] = (uint8_t)content.len;
	if (header == HEADER_MOST) {
		bytes[1] = (uint8_t)(content.len % 128 | 128);
		bytes[2] = (uint8_t)(content.len / 128);
	}
	memcpy(bytes + header, content.data, content.len);
	return (struct packet){ bytes, header + content.len };
}

static enum mqtt_connect_read read_content(struct slice content, uint8_t *level)
{
	struct packet packet = pack(content);
	struct mqtt_connect connect = { .keep_alive_s = 4711 };
	enum mqtt_connect_read verdict = mqtt_connect_read(
	    (struct slice){ packet.bytes, packet.len }, &connect);

	if (verdict != OK) {
		assert_int_equal(connect.keep_alive_s, 4711);
		assert_null(connect.client_id.data);
	}
	*level = connect.level;
	free(packet.bytes);
	return verdict;
}

static void each_sample_gets_its_verdict(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(samples); i++) {
		uint8_t level;
		enum mqtt_connect_read verdict =
		    read_content(samples[i].content, &level);

		if (verdict != samples[i].verdict || level != samples[i].level)
			fail_msg("%s: verdict %d, level %u", samples[i].what,
			         verdict, level);
	}
}

/* In MQTT 3.1 a packet may end before the login that it announces. */
static void cut_packets_are_never_accepted(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(samples); i++) {
		struct slice content = samples[i].content;
		uint8_t level;

		if (samples[i].verdict != OK || samples[i].level == 3)
			continue;
		while (content.len > 0) {
			content.len--;
			if (read_content(content, &level) != MALFORMED)
				fail_msg("%s, to %zu", samples[i].what,
				         content.len);
		}
	}
}

static void remaining_length_must_be_that_of_the_packet(void **state)
{
	static const struct slice packets[] = {
		BYTES(""),
		BYTES("\x10"),
		BYTES("\x10\x80"),
		BYTES("\x10\x0f\x00\x04MQTT\x04\x02\0\0\0\2id"),
		BYTES("\x10\x0d\x00\x04MQTT\x04\x02\0\0\0\2id"),
		BYTES("\x10\x8e\x00\x00\x04MQTT\x04\x02\0\0\0\2id"),
		BYTES("\x11\x0e\x00\x04MQTT\x04\x02\0\0\0\2id"),
		BYTES("\x20\x0e\x00\x04MQTT\x04\x02\0\0\0\2id"),
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(packets); i++) {
		struct mqtt_connect connect = { .level = 9 };

		assert_int_equal(mqtt_connect_read(packets[i], &connect),
		                 MALFORMED);
		assert_int_equal(connect.level, 0);
	}
}

static void all_fields_are_told(void **state)
{
	const struct slice packet =
	    BYTES("\x10\x2b" V5 "\xec\x01\x02\x03\x21\0\7\0\2id\5\x18\0\0\0"
	          "\5\0\3w/t\0\2\xff\n\0\4user\0\2\xfe\0");
	struct mqtt_connect connect;

	(void)state;
	assert_int_equal(mqtt_connect_read(packet, &connect), OK);
	assert_int_equal(connect.level, 5);
	assert_false(connect.clean);
	assert_int_equal(connect.keep_alive_s, 0x102);
	assert_true(
	    slice_equals(connect.properties, (struct slice)BYTES("\x21\0\7")));
	assert_true(slice_is(connect.client_id, "id"));
	assert_true(connect.has_will);
	assert_int_equal(connect.will_qos, 1);
	assert_true(connect.will_retain);
	assert_true(slice_equals(connect.will_properties,
	                         (struct slice)BYTES("\x18\0\0\0\5")));
	assert_true(slice_is(connect.will_topic, "w/t"));
	assert_true(slice_is(connect.will_payload, "\xff\n"));
	assert_true(connect.has_username);
	assert_true(slice_is(connect.username, "user"));
	assert_true(connect.has_password);
	assert_true(
	    slice_equals(connect.password, (struct slice)BYTES("\xfe\0")));
	assert_ptr_equal(connect.password.data + 2, packet.data + packet.len);
}

static void absent_fields_are_empty(void **state)
{
	const struct slice packet = BYTES("\x10\x0f\0\6MQIsdp\3\xea\0\0\0\1i");
	struct mqtt_connect connect;

	(void)state;
	memset(&connect, 0xff, sizeof(connect));
	assert_int_equal(mqtt_connect_read(packet, &connect), OK);
	assert_true(connect.clean);
	assert_false(connect.has_will);
	assert_int_equal(connect.will_qos, 0);
	assert_false(connect.will_retain);
	assert_int_equal(connect.will_topic.len, 0);
	assert_int_equal(connect.properties.len, 0);
	assert_false(connect.has_username);
	assert_false(connect.has_password);
	assert_int_equal(connect.username.len, 0);
}

/* CONNECT with a will, and this many user properties in each of the lists. */
static enum mqtt_connect_read read_users(size_t own, size_t wills)
{
	static const char start[] = V5 "\x06\0\0";
	uint8_t bytes[1024] = { 0 };
	size_t len = sizeof(start) - 1;
	uint8_t level;

	memcpy(bytes, start, len);
	bytes[len++] = (uint8_t)(own * 5 % 128 | 128);
	bytes[len++] = (uint8_t)(own * 5 / 128);
	for (; own > 0; own--, len += 5)
		bytes[len] = 0x26;
	len += 2; /* empty client id */
	bytes[len++] = (uint8_t)(wills * 5 % 128 | 128);
	bytes[len++] = (uint8_t)(wills * 5 / 128);
	for (; wills > 0; wills--, len += 5)
		bytes[len] = 0x26;
	memcpy(bytes + len, "\0\1w\0\0", 5);
	return read_content((struct slice){ bytes, len + 5 }, &level);
}

static void properties_are_counted_for_the_whole_packet(void **state)
{
	(void)state;
	assert_int_equal(read_users(32, 32), OK);
	assert_int_equal(read_users(32, 33), PROTOCOL);
	assert_int_equal(read_users(65, 26), PROTOCOL);
}

static void will_topic_has_a_greatest_depth(void **state)
{
	uint8_t bytes[256] = V311 "\x06\0\0" ID "\0";
	size_t len = sizeof(V311 "\x06\0\0" ID "\0") - 1;
	uint8_t level;

	(void)state;
	memset(bytes + len + 1, '/', 128);
	bytes[len] = 127;
	bytes[len + 128] = 0;
	assert_int_equal(
	    read_content((struct slice){ bytes, len + 130 }, &level), OK);
	bytes[len] = 128;
	bytes[len + 128] = '/';
	assert_int_equal(
	    read_content((struct slice){ bytes, len + 131 }, &level),
	    MALFORMED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_sample_gets_its_verdict),
		cmocka_unit_test(cut_packets_are_never_accepted),
		cmocka_unit_test(remaining_length_must_be_that_of_the_packet),
		cmocka_unit_test(all_fields_are_told),
		cmocka_unit_test(absent_fields_are_empty),
		cmocka_unit_test(properties_are_counted_for_the_whole_packet),
		cmocka_unit_test(will_topic_has_a_greatest_depth),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
