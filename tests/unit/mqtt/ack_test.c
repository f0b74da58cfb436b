/* SPDX-License-Identifier: Apache-2.0 */
#include "mqtt/ack.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "sample.h"

static const struct sample samples[] = {
	{ "3.1, retry of a release", 3, NONE, BYTES("\x6a\x02\0\1") },
	{ "3.1.1", 4, NONE, BYTES("\x40\x02\0\1") },
	{ "3.1.1, reason", 4, MALFORMED, BYTES("\x40\x03\0\1\0") },
	{ "3.1.1, packet id 0", 4, PROTOCOL, BYTES("\x50\x02\0\0") },
	{ "3.1.1, half a packet id", 4, MALFORMED, BYTES("\x70\x01\1") },
	{ "3.1.1, nothing", 4, MALFORMED, BYTES("\x62\x00") },
	{ "3.1.1, longer than it says", 4, MALFORMED, BYTES("\x40\x02\0\1\0") },
	{ "3.1.1, shorter than it says", 4, MALFORMED, BYTES("\x40\x03\0\1") },
	{ "5, no reason", 5, NONE, BYTES("\x40\x02\0\1") },
	{ "5, reason alone", 5, NONE, BYTES("\x40\x03\0\1\x87") },
	{ "5, no properties", 5, NONE, BYTES("\x40\x04\0\1\0\0") },
	{ "5, reason string", 5, NONE, BYTES("\x50\x08\0\1\x80\4\x1f\0\1r") },
	{ "5, properties past the end", 5, MALFORMED,
	  BYTES("\x50\x08\0\1\x80\5\x1f\0\1r") },
	{ "5, trailing octet", 5, MALFORMED, BYTES("\x62\x05\0\1\0\0\0") },
	{ "5, property of CONNECT", 5, MALFORMED,
	  BYTES("\x62\x06\0\1\0\2\x17\0") },
	{ "5, reason string twice", 5, PROTOCOL,
	  BYTES("\x70\x0a\0\1\0\6\x1f\0\0\x1f\0\0") },
	{ "5, packet id 0", 5, PROTOCOL, BYTES("\x70\x02\0\0") },
	{ "5, packet id 0 and a reason", 5, PROTOCOL,
	  BYTES("\x62\x04\0\0\0\0") },
};

static enum mqtt_fault read_ack(struct slice packet, uint8_t level,
                                enum mqtt_sender sender, void *out)
{
	return mqtt_ack_read(packet, level, sender, out);
}

static void acknowledgements_are_judged(void **state)
{
	(void)state;
	expect_samples(samples, LENGTH(samples), read_ack);
}

static bool is_for_a_publish(unsigned code)
{
	const uint8_t codes[] = {
		0x00, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99
	};

	return memchr(codes, (int)code, sizeof(codes)) != NULL;
}

static void a_client_may_say_what_belongs_there(void **state)
{
	const uint8_t firsts[] = { 0x40, 0x50, 0x62, 0x70 };

	(void)state;
	for (size_t i = 0; i < LENGTH(firsts); i++) {
		for (unsigned code = 0; code < 256; code++) {
			const uint8_t packet[] = { firsts[i], 3, 0, 1,
				                   (uint8_t)code };
			bool is_known = i < 2 ? is_for_a_publish(code)
			                      : code == 0 || code == 0x92;
			struct mqtt_ack ack;

			if (mqtt_ack_read(
			        (struct slice){ packet, sizeof(packet) }, 5,
			        CLIENT, &ack) != (is_known ? NONE : PROTOCOL))
				fail_msg("%02x, %02x", firsts[i], code);
		}
	}
}

static void a_server_may_say_anything(void **state)
{
	(void)state;
	for (unsigned code = 0; code < 256; code++) {
		const uint8_t packet[] = { 0x40, 4, 1, 2, (uint8_t)code, 0 };
		struct mqtt_ack ack;

		assert_int_equal(
		    mqtt_ack_read((struct slice){ packet, sizeof(packet) }, 5,
		                  SERVER, &ack),
		    NONE);
		assert_int_equal(ack.reason, code);
		assert_int_equal(ack.packet_id, 0x0102);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(acknowledgements_are_judged),
		cmocka_unit_test(a_client_may_say_what_belongs_there),
		cmocka_unit_test(a_server_may_say_anything),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
