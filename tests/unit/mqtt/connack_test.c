/* SPDX-License-Identifier: Apache-2.0 */
#include "mqtt/connack.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "sample.h"

static const struct sample samples[] = {
	{ "3.1", 3, NONE, BYTES("\x20\x02\0\0") },
	{ "3.1, unused octet", 3, NONE, BYTES("\x20\x02\xff\0") },
	{ "3.1.1", 4, NONE, BYTES("\x20\x02\0\5") },
	{ "3.1.1, session", 4, NONE, BYTES("\x20\x02\1\0") },
	{ "3.1.1, unknown code", 4, NONE, BYTES("\x20\x02\0\x99") },
	{ "3.1.1, reserved bit", 4, MALFORMED, BYTES("\x20\x02\2\0") },
	{ "3.1.1, no code", 4, MALFORMED, BYTES("\x20\x01\0") },
	{ "3.1.1, nothing", 4, MALFORMED, BYTES("\x20\x00") },
	{ "3.1.1 has no properties", 4, MALFORMED, BYTES("\x20\x03\0\0\0") },
	{ "3.1.1, longer than it says", 4, MALFORMED, BYTES("\x20\x02\0\0\0") },
	{ "3.1.1, shorter than it says", 4, MALFORMED, BYTES("\x20\x03\0\0") },
	{ "5", 5, NONE, BYTES("\x20\x03\0\0\0") },
	{ "5, unknown code", 5, NONE, BYTES("\x20\x03\0\x77\0") },
	{ "5, reserved bit", 5, MALFORMED, BYTES("\x20\x03\x80\0\0") },
	{ "5, properties", 5, NONE, BYTES("\x20\x06\1\0\3\x22\0\x0a") },
	{ "5, properties past the end", 5, MALFORMED,
	  BYTES("\x20\x06\1\0\4\x22\0\x0a") },
	{ "5, property twice", 5, PROTOCOL,
	  BYTES("\x20\x09\1\0\6\x22\0\x0a\x22\0\x0a") },
	{ "5, maximum qos 2", 5, PROTOCOL, BYTES("\x20\x05\0\0\2\x24\2") },
	{ "5, property of CONNECT", 5, MALFORMED,
	  BYTES("\x20\x05\0\0\2\x17\0") },
	{ "5, trailing octet", 5, MALFORMED, BYTES("\x20\x04\0\0\0\0") },
	{ "5, no properties' length", 5, MALFORMED, BYTES("\x20\x02\0\0") },
	{ "5, an old server's refusal", 5, NONE, BYTES("\x20\x02\0\1") },
	{ "5, another refusal in the old form", 5, MALFORMED,
	  BYTES("\x20\x02\0\5") },
};

static enum mqtt_fault read_connack(struct slice packet, uint8_t level,
                                    enum mqtt_sender sender, void *out)
{
	(void)sender;
	return mqtt_connack_read(packet, level, out);
}

static void answers_are_judged(void **state)
{
	(void)state;
	expect_samples(samples, LENGTH(samples), read_connack);
}

static void an_answer_tells_its_parts(void **state)
{
	const struct slice packet = BYTES("\x20\x06\1\x87\3\x22\0\x0a");
	struct mqtt_connack connack;

	(void)state;
	assert_int_equal(mqtt_connack_read(packet, 5, &connack), NONE);
	assert_true(connack.has_session);
	assert_int_equal(connack.code, 0x87);
	assert_ptr_equal(connack.properties.data, packet.data + 5);
	assert_int_equal(connack.properties.len, 3);
}

static void the_oldest_version_cannot_tell_of_a_session(void **state)
{
	const struct slice packet = BYTES("\x20\x02\1\0");
	struct mqtt_connack connack;

	(void)state;
	assert_int_equal(mqtt_connack_read(packet, 3, &connack), NONE);
	assert_false(connack.has_session);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_are_judged),
		cmocka_unit_test(an_answer_tells_its_parts),
		cmocka_unit_test(the_oldest_version_cannot_tell_of_a_session),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
