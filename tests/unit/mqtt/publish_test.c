/* SPDX-License-Identifier: Apache-2.0 */
#include "mqtt/publish.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))
#define BYTES(bytes)                                                           \
	{                                                                      \
		(const uint8_t *)(bytes), sizeof(bytes) - 1                    \
	}

#define NONE MQTT_FAULT_NONE
#define MALFORMED MQTT_FAULT_MALFORMED
#define PROTOCOL MQTT_FAULT_PROTOCOL
#define ALIAS MQTT_FAULT_ALIAS
#define CLIENT MQTT_SENDER_CLIENT
#define SERVER MQTT_SENDER_SERVER
#define BOTH SERVER + 1

struct sample {
	const char *what;
	unsigned sender; /* an enum mqtt_sender, or BOTH */
	uint8_t level;
	enum mqtt_fault fault;
	struct slice head;
};

static const struct sample samples[] = {
	{ "3.1", BOTH, 3, NONE, BYTES("\x30\x03\0\1t") },
	{ "3.1.1", BOTH, 4, NONE, BYTES("\x30\x03\0\1t") },
	{ "3.1.1, payload to come", BOTH, 4, NONE, BYTES("\x30\x83\x01\0\1t") },
	{ "3.1.1, qos 1", BOTH, 4, NONE, BYTES("\x32\x05\0\1t\0\7") },
	{ "3.1.1, qos 2 again", BOTH, 4, NONE, BYTES("\x3d\x05\0\1t\xff\xff") },
	{ "3.1, packet id 0", BOTH, 3, PROTOCOL, BYTES("\x32\x05\0\1t\0\0") },
	{ "3.1.1, packet id 0", BOTH, 4, PROTOCOL, BYTES("\x34\x05\0\1t\0\0") },
	{ "3.1.1, no topic", BOTH, 4, MALFORMED, BYTES("\x30\x02\0\0") },
	{ "3.1, no topic", BOTH, 3, MALFORMED, BYTES("\x30\x02\0\0") },
	{ "3.1.1, #", BOTH, 4, MALFORMED, BYTES("\x30\x05\0\3t/#") },
	{ "3.1.1, +", BOTH, 4, MALFORMED, BYTES("\x30\x05\0\3+/t") },
	{ "3.1.1, NUL", BOTH, 4, MALFORMED, BYTES("\x30\x04\0\2t\0") },
	{ "3.1.1, surrogate", BOTH, 4, MALFORMED,
	  BYTES("\x30\x05\0\3\xed\xa0\x80") },
	{ "3.1.1, umlaut", BOTH, 4, NONE, BYTES("\x30\x04\0\2\xc3\xa4") },
	{ "3.1.1, topic past the end", BOTH, 4, MALFORMED,
	  BYTES("\x30\x03\0\2t") },
	{ "3.1.1, octets behind the head", BOTH, 4, MALFORMED,
	  BYTES("\x30\x04\0\1tx") },
	{ "3.1.1, more than it says", BOTH, 4, MALFORMED,
	  BYTES("\x30\x02\0\1t") },
	{ "3.1.1 has no properties", BOTH, 4, MALFORMED,
	  BYTES("\x30\x04\0\1t\0") },

	{ "5", BOTH, 5, NONE, BYTES("\x30\x04\0\1t\0") },
	{ "5, qos 1", BOTH, 5, NONE, BYTES("\x32\x06\0\1t\0\7\0") },
	{ "5, packet id 0", BOTH, 5, PROTOCOL, BYTES("\x32\x06\0\1t\0\0\0") },
	{ "5, no properties' length", BOTH, 5, MALFORMED,
	  BYTES("\x30\x03\0\1t") },
	{ "5, length not the shortest", BOTH, 5, MALFORMED,
	  BYTES("\x30\x05\0\1t\x80\0") },
	{ "5, properties past the end", BOTH, 5, MALFORMED,
	  BYTES("\x30\x06\0\1t\3\x23\0") },
	{ "5, property past its list", BOTH, 5, MALFORMED,
	  BYTES("\x30\x07\0\1t\2\x23\0\1") },
	{ "5, alias and topic", BOTH, 5, NONE,
	  BYTES("\x30\x07\0\1t\3\x23\0\1") },
	{ "5, alias for a topic", BOTH, 5, NONE,
	  BYTES("\x30\x06\0\0\3\x23\xff\xff") },
	{ "5, neither topic nor alias", BOTH, 5, PROTOCOL,
	  BYTES("\x30\x03\0\0\0") },
	{ "5, alias 0", BOTH, 5, ALIAS, BYTES("\x30\x07\0\1t\3\x23\0\0") },
	{ "5, alias 0 for a topic", BOTH, 5, ALIAS,
	  BYTES("\x30\x06\0\0\3\x23\0\0") },
	{ "5, alias twice", BOTH, 5, PROTOCOL,
	  BYTES("\x30\x0a\0\1t\6\x23\0\1\x23\0\1") },
	{ "5, alias and a bad topic", BOTH, 5, MALFORMED,
	  BYTES("\x30\x07\0\1#\3\x23\0\1") },
	{ "5, response topic", BOTH, 5, NONE,
	  BYTES("\x30\x08\0\1t\4\x08\0\1r") },
	{ "5, response topic with wildcard", BOTH, 5, PROTOCOL,
	  BYTES("\x30\x08\0\1t\4\x08\0\1#") },
	{ "5, response topic not text", BOTH, 5, MALFORMED,
	  BYTES("\x30\x08\0\1t\4\x08\0\1\xff") },
	{ "5, response topic empty", BOTH, 5, MALFORMED,
	  BYTES("\x30\x07\0\1t\3\x08\0\0") },
	{ "5, response topic twice", BOTH, 5, PROTOCOL,
	  BYTES("\x30\x0c\0\1t\x08\x08\0\1r\x08\0\1r") },
	{ "5, subscription id from a client", CLIENT, 5, PROTOCOL,
	  BYTES("\x30\x06\0\1t\2\x0b\1") },
	{ "5, subscription ids from a server", SERVER, 5, NONE,
	  BYTES("\x30\x08\0\1t\4\x0b\1\x0b\2") },
	{ "5, subscription id 0", BOTH, 5, PROTOCOL,
	  BYTES("\x30\x06\0\1t\2\x0b\0") },
	{ "5, format 2", BOTH, 5, PROTOCOL, BYTES("\x30\x06\0\1t\2\x01\2") },
	{ "5, property of CONNECT", BOTH, 5, MALFORMED,
	  BYTES("\x30\x06\0\1t\2\x17\0") },
	{ "5, unknown property", BOTH, 5, MALFORMED,
	  BYTES("\x30\x06\0\1t\2\x7f\0") },
	{ "5, NUL in user property", BOTH, 5, MALFORMED,
	  BYTES("\x30\x0a\0\1t\6\x26\0\1\0\0\0") },
};

static void expect(const struct sample *sample, enum mqtt_sender sender)
{
	struct mqtt_publish publish = { .packet_id = 4711 };
	enum mqtt_fault fault =
	    mqtt_publish_read(sample->head, sample->level, sender, &publish);

	if (fault != sample->fault)
		fail_msg("%s, sender %u: %u", sample->what, sender, fault);
	if (fault != NONE)
		assert_int_equal(publish.packet_id, 4711);
}

static void heads_are_judged(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(samples); i++) {
		if (samples[i].sender != SERVER)
			expect(&samples[i], CLIENT);
		if (samples[i].sender != CLIENT)
			expect(&samples[i], SERVER);
	}
}

/* Without a change of the lengths inside. */
static void a_cut_head_is_no_head(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(samples); i++) {
		struct slice head = samples[i].head;
		struct mqtt_publish publish;

		while (samples[i].fault == NONE && head.len > 0) {
			head.len--;
			assert_int_not_equal(
			    mqtt_publish_read(head, samples[i].level, SERVER,
			                      &publish),
			    NONE);
		}
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
