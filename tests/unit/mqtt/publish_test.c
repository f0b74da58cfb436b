/* SPDX-License-Identifier: Apache-2.0 */
#include "mqtt/publish.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "sample.h"

#define ALIAS MQTT_FAULT_ALIAS

static const struct sample samples[] = {
	{ "3.1", 3, NONE, BYTES("\x30\x03\0\1t") },
	{ "3.1.1", 4, NONE, BYTES("\x30\x03\0\1t") },
	{ "3.1.1, payload to come", 4, NONE, BYTES("\x30\x83\x01\0\1t") },
	{ "3.1.1, qos 1", 4, NONE, BYTES("\x32\x05\0\1t\0\7") },
	{ "3.1.1, qos 2 again", 4, NONE, BYTES("\x3d\x05\0\1t\xff\xff") },
	{ "3.1, packet id 0", 3, PROTOCOL, BYTES("\x32\x05\0\1t\0\0") },
	{ "3.1.1, packet id 0", 4, PROTOCOL, BYTES("\x34\x05\0\1t\0\0") },
	{ "3.1.1, no topic", 4, MALFORMED, BYTES("\x30\x02\0\0") },
	{ "3.1, no topic", 3, MALFORMED, BYTES("\x30\x02\0\0") },
	{ "3.1.1, #", 4, MALFORMED, BYTES("\x30\x05\0\3t/#") },
	{ "3.1.1, +", 4, MALFORMED, BYTES("\x30\x05\0\3+/t") },
	{ "3.1.1, NUL", 4, MALFORMED, BYTES("\x30\x04\0\2t\0") },
	{ "3.1.1, surrogate", 4, MALFORMED, BYTES("\x30\x05\0\3\xed\xa0\x80") },
	{ "3.1.1, umlaut", 4, NONE, BYTES("\x30\x04\0\2\xc3\xa4") },
	{ "3.1.1, topic past the end", 4, MALFORMED, BYTES("\x30\x03\0\2t") },
	{ "3.1.1, octets behind the head", 4, MALFORMED,
	  BYTES("\x30\x04\0\1tx") },
	{ "3.1.1, more than it says", 4, MALFORMED, BYTES("\x30\x02\0\1t") },
	{ "3.1.1 has no properties", 4, MALFORMED, BYTES("\x30\x04\0\1t\0") },

	{ "5", 5, NONE, BYTES("\x30\x04\0\1t\0") },
	{ "5, qos 1", 5, NONE, BYTES("\x32\x06\0\1t\0\7\0") },
	{ "5, packet id 0", 5, PROTOCOL, BYTES("\x32\x06\0\1t\0\0\0") },
	{ "5, no properties' length", 5, MALFORMED, BYTES("\x30\x03\0\1t") },
	{ "5, length not the shortest", 5, MALFORMED,
	  BYTES("\x30\x05\0\1t\x80\0") },
	{ "5, properties past the end", 5, MALFORMED,
	  BYTES("\x30\x06\0\1t\3\x23\0") },
	{ "5, property past its list", 5, MALFORMED,
	  BYTES("\x30\x07\0\1t\2\x23\0\1") },
	{ "5, alias and topic", 5, NONE, BYTES("\x30\x07\0\1t\3\x23\0\1") },
	{ "5, alias for a topic", 5, NONE,
	  BYTES("\x30\x06\0\0\3\x23\xff\xff") },
	{ "5, neither topic nor alias", 5, PROTOCOL, BYTES("\x30\x03\0\0\0") },
	{ "5, alias 0", 5, ALIAS, BYTES("\x30\x07\0\1t\3\x23\0\0") },
	{ "5, alias 0 for a topic", 5, ALIAS, BYTES("\x30\x06\0\0\3\x23\0\0") },
	{ "5, alias twice", 5, PROTOCOL,
	  BYTES("\x30\x0a\0\1t\6\x23\0\1\x23\0\1") },
	{ "5, alias and a bad topic", 5, MALFORMED,
	  BYTES("\x30\x07\0\1#\3\x23\0\1") },
	{ "5, response topic", 5, NONE, BYTES("\x30\x08\0\1t\4\x08\0\1r") },
	{ "5, response topic with wildcard", 5, PROTOCOL,
	  BYTES("\x30\x08\0\1t\4\x08\0\1#") },
	{ "5, response topic not text", 5, MALFORMED,
	  BYTES("\x30\x08\0\1t\4\x08\0\1\xff") },
	{ "5, response topic empty", 5, MALFORMED,
	  BYTES("\x30\x07\0\1t\3\x08\0\0") },
	{ "5, response topic twice", 5, PROTOCOL,
	  BYTES("\x30\x0c\0\1t\x08\x08\0\1r\x08\0\1r") },
	{ "5, subscription id 0", 5, PROTOCOL, BYTES("\x30\x06\0\1t\2\x0b\0") },
	{ "5, format 2", 5, PROTOCOL, BYTES("\x30\x06\0\1t\2\x01\2") },
	{ "5, property of CONNECT", 5, MALFORMED,
	  BYTES("\x30\x06\0\1t\2\x17\0") },
	{ "5, unknown property", 5, MALFORMED, BYTES("\x30\x06\0\1t\2\x7f\0") },
	{ "5, NUL in user property", 5, MALFORMED,
	  BYTES("\x30\x0a\0\1t\6\x26\0\1\0\0\0") },
};

static const struct sided_sample sided[] = {
	{ "5, subscription id", 5, PROTOCOL, NONE,
	  BYTES("\x30\x06\0\1t\2\x0b\1") },
	{ "5, subscription ids", 5, PROTOCOL, NONE,
	  BYTES("\x30\x08\0\1t\4\x0b\1\x0b\2") },
};

static enum mqtt_fault read_publish(struct slice packet, uint8_t level,
                                    enum mqtt_sender sender, void *out)
{
	return mqtt_publish_read(packet, level, sender, out);
}

static void heads_are_judged(void **state)
{
	(void)state;
	expect_samples(samples, LENGTH(samples), read_publish);
	expect_sided_samples(sided, LENGTH(sided), read_publish);
}

/* Without a change of the lengths inside. */
static void expect_no_cut(struct slice head, uint8_t level)
{
	struct mqtt_publish publish;

	while (head.len > 0) {
		head.len--;
		assert_int_not_equal(
		    mqtt_publish_read(head, level, SERVER, &publish), NONE);
	}
}

static void a_cut_head_is_no_head(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(samples); i++) {
		if (samples[i].fault == NONE)
			expect_no_cut(samples[i].packet, samples[i].level);
	}
	for (size_t i = 0; i < LENGTH(sided); i++) {
		if (sided[i].server == NONE)
			expect_no_cut(sided[i].packet, sided[i].level);
	}
}

static void a_head_tells_its_parts(void **state)
{
	const struct slice head = BYTES("\x3d\x14\0\2ab\1\2\x0a\x08\0\1r"
	                                "\x23\0\x05\x02\0\0\0\1");
	const struct slice cut = { head.data, head.len - 5 };
	struct mqtt_publish publish;
	uint8_t copy[32];

	(void)state;
	assert_int_equal(mqtt_publish_read(head, 5, CLIENT, &publish),
	                 MALFORMED);
	memcpy(copy, cut.data, cut.len);
	copy[8] = 7; /* octets of properties */
	assert_int_equal(mqtt_publish_read((struct slice){ copy, cut.len }, 5,
	                                   CLIENT, &publish),
	                 NONE);
	assert_int_equal(publish.qos, 2);
	assert_true(publish.is_retained);
	assert_true(publish.is_duplicate);
	assert_true(slice_is(publish.topic, "ab"));
	assert_int_equal(publish.packet_id, 0x0102);
	assert_true(publish.has_alias);
	assert_int_equal(publish.alias, 5);
	assert_true(publish.has_response_topic);
	assert_true(slice_is(publish.response_topic, "r"));
	assert_ptr_equal(publish.properties.data, copy + 9);
	assert_int_equal(publish.properties.len, 7);
}

static void what_is_not_there_is_empty(void **state)
{
	const struct slice head = BYTES("\x30\x03\0\1t");
	struct mqtt_publish publish;

	(void)state;
	memset(&publish, 0xff, sizeof(publish));
	assert_int_equal(mqtt_publish_read(head, 4, SERVER, &publish), NONE);
	assert_int_equal(publish.qos, 0);
	assert_false(publish.is_retained);
	assert_false(publish.is_duplicate);
	assert_int_equal(publish.packet_id, 0);
	assert_false(publish.has_alias);
	assert_false(publish.has_response_topic);
	assert_int_equal(publish.properties.len, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(heads_are_judged),
		cmocka_unit_test(a_cut_head_is_no_head),
		cmocka_unit_test(a_head_tells_its_parts),
		cmocka_unit_test(what_is_not_there_is_empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
