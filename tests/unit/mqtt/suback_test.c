/* SPDX-License-Identifier: Apache-2.0 */
#include "mqtt/suback.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "sample.h"

static const struct sample samples[] = {
	{ "3.1", 3, NONE, BYTES("\x90\x03\0\1\0") },
	{ "3.1.1", 4, NONE, BYTES("\x90\x05\0\1\0\2\x80") },
	{ "3.1.1, code of MQTT 5", 4, NONE, BYTES("\x90\x03\0\1\x87") },
	{ "3.1.1, packet id 0", 4, PROTOCOL, BYTES("\x90\x03\0\0\0") },
	{ "3.1.1, no code", 4, MALFORMED, BYTES("\x90\x02\0\1") },
	{ "3.1.1, half a packet id", 4, MALFORMED, BYTES("\x90\x01\1") },
	{ "3.1.1, longer than it says", 4, MALFORMED,
	  BYTES("\x90\x03\0\1\0\0") },
	{ "3.1.1, shorter than it says", 4, MALFORMED,
	  BYTES("\x90\x04\0\1\0") },
	{ "3.1.1, unsuback", 4, NONE, BYTES("\xb0\x02\0\1") },
	{ "3.1.1, unsuback with a code", 4, MALFORMED,
	  BYTES("\xb0\x03\0\1\0") },
	{ "3.1.1, unsuback, packet id 0", 4, PROTOCOL, BYTES("\xb0\x02\0\0") },
	{ "5", 5, NONE, BYTES("\x90\x05\0\1\0\0\x87") },
	{ "5, unknown code", 5, NONE, BYTES("\x90\x04\0\1\0\x77") },
	{ "5, reason string", 5, NONE, BYTES("\x90\x08\0\1\4\x1f\0\1r\0") },
	{ "5, properties past the end", 5, MALFORMED,
	  BYTES("\x90\x07\0\1\4\x1f\0\1r") },
	{ "5, subscription id", 5, MALFORMED, BYTES("\x90\x06\0\1\2\x0b\1\0") },
	{ "5, no code", 5, MALFORMED, BYTES("\x90\x03\0\1\0") },
	{ "5, no properties' length", 5, MALFORMED, BYTES("\x90\x02\0\1") },
	{ "5, packet id 0", 5, PROTOCOL, BYTES("\x90\x04\0\0\0\0") },
	{ "5, unsuback", 5, NONE, BYTES("\xb0\x04\0\1\0\x11") },
	{ "5, unsuback, no code", 5, MALFORMED, BYTES("\xb0\x03\0\1\0") },
};

static enum mqtt_fault read_suback(struct slice packet, uint8_t level,
                                   enum mqtt_sender sender, void *out)
{
	(void)sender;
	return mqtt_suback_read(packet, level, out);
}

static void answers_are_judged(void **state)
{
	(void)state;
	expect_samples(samples, LENGTH(samples), read_suback);
}

static void an_answer_tells_its_parts(void **state)
{
	const struct slice packet = BYTES("\x90\x09\1\2\4\x1f\0\1r\x87\1");
	struct mqtt_suback suback;

	(void)state;
	assert_int_equal(mqtt_suback_read(packet, 5, &suback), NONE);
	assert_int_equal(suback.packet_id, 0x0102);
	assert_ptr_equal(suback.properties.data, packet.data + 5);
	assert_int_equal(suback.properties.len, 4);
	assert_ptr_equal(suback.codes.data, packet.data + 9);
	assert_int_equal(suback.codes.len, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_are_judged),
		cmocka_unit_test(an_answer_tells_its_parts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
