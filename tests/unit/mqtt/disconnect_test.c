/* SPDX-License-Identifier: Apache-2.0 */
#include "mqtt/disconnect.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "sample.h"

static const struct sided_sample samples[] = {
	{ "3.1", 3, NONE, NONE, BYTES("\xe0\x00") },
	{ "3.1.1", 4, NONE, NONE, BYTES("\xe0\x00") },
	{ "3.1.1, trailing octet", 4, MALFORMED, MALFORMED,
	  BYTES("\xe0\x01\0") },
	{ "3.1, trailing octet", 3, MALFORMED, MALFORMED, BYTES("\xe0\x01\0") },
	{ "3.1.1, longer than it says", 4, MALFORMED, MALFORMED,
	  BYTES("\xe0\x00\0") },
	{ "5, nothing", 5, NONE, NONE, BYTES("\xe0\x00") },
	{ "5, reason alone", 5, NONE, NONE, BYTES("\xe0\x01\x04") },
	{ "5, no properties", 5, NONE, NONE, BYTES("\xe0\x02\x00\0") },
	{ "5, session expiry", 5, NONE, NONE,
	  BYTES("\xe0\x07\0\5\x11\0\0\0\1") },
	{ "5, server reference", 5, PROTOCOL, NONE,
	  BYTES("\xe0\x06\0\4\x1c\0\1s") },
	{ "5, reason string", 5, NONE, NONE, BYTES("\xe0\x06\x81\4\x1f\0\1r") },
	{ "5, reason string twice", 5, PROTOCOL, PROTOCOL,
	  BYTES("\xe0\x08\x81\6\x1f\0\0\x1f\0\0") },
	{ "5, properties past the end", 5, MALFORMED, MALFORMED,
	  BYTES("\xe0\x06\x81\5\x1f\0\1r") },
	{ "5, trailing octet", 5, MALFORMED, MALFORMED,
	  BYTES("\xe0\x03\0\0\0") },
	{ "5, longer than it says", 5, MALFORMED, MALFORMED,
	  BYTES("\xe0\x01\0\0") },
	{ "5, shorter than it says", 5, MALFORMED, MALFORMED,
	  BYTES("\xe0\x03\0\0") },
	{ "5, alias", 5, MALFORMED, MALFORMED, BYTES("\xe0\x05\0\3\x23\0\1") },
};

static enum mqtt_fault read_disconnect(struct slice packet, uint8_t level,
                                       enum mqtt_sender sender, void *out)
{
	return mqtt_disconnect_read(packet, level, sender, out);
}

static void farewells_are_judged(void **state)
{
	(void)state;
	expect_sided_samples(samples, LENGTH(samples), read_disconnect);
}

static bool is_a_clients(unsigned code)
{
	const uint8_t codes[] = { 0x00, 0x04, 0x80, 0x81, 0x82, 0x83, 0x90,
		                  0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99 };

	return memchr(codes, (int)code, sizeof(codes)) != NULL;
}

static void a_client_gives_a_reason_of_its_own(void **state)
{
	(void)state;
	for (unsigned code = 0; code < 256; code++) {
		const uint8_t octets[] = { 0xe0, 1, (uint8_t)code };
		const struct slice packet = { octets, sizeof(octets) };
		struct mqtt_disconnect disconnect;

		if (mqtt_disconnect_read(packet, 5, CLIENT, &disconnect) !=
		    (is_a_clients(code) ? NONE : PROTOCOL))
			fail_msg("%02x", code);
		assert_int_equal(
		    mqtt_disconnect_read(packet, 5, SERVER, &disconnect), NONE);
		assert_int_equal(disconnect.reason, code);
	}
}

static void a_farewell_without_reason_is_a_normal_one(void **state)
{
	const struct slice packet = BYTES("\xe0\x00");
	struct mqtt_disconnect disconnect = { .reason = 47 };

	(void)state;
	assert_int_equal(mqtt_disconnect_read(packet, 5, CLIENT, &disconnect),
	                 NONE);
	assert_int_equal(disconnect.reason, 0);
	assert_int_equal(disconnect.properties.len, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(farewells_are_judged),
		cmocka_unit_test(a_client_gives_a_reason_of_its_own),
		cmocka_unit_test(a_farewell_without_reason_is_a_normal_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
