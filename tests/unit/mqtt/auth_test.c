/* SPDX-License-Identifier: Apache-2.0 */
#include "mqtt/auth.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "sample.h"

static const struct sided_sample samples[] = {
	{ "nothing: success", 5, PROTOCOL, NONE, BYTES("\xf0\x00") },
	{ "success", 5, PROTOCOL, NONE, BYTES("\xf0\x06\0\4\x15\0\1m") },
	{ "continue", 5, NONE, NONE, BYTES("\xf0\x06\x18\4\x15\0\1m") },
	{ "again, with data", 5, NONE, NONE,
	  BYTES("\xf0\x0a\x19\x08\x15\0\1m\x16\0\1\xff") },
	{ "another reason", 5, PROTOCOL, NONE,
	  BYTES("\xf0\x06\x87\4\x15\0\1m") },
	{ "no method", 5, PROTOCOL, NONE, BYTES("\xf0\x02\x18\0") },
	{ "data alone", 5, PROTOCOL, NONE, BYTES("\xf0\x06\x18\4\x16\0\1x") },
	{ "method twice", 5, PROTOCOL, PROTOCOL,
	  BYTES("\xf0\x0a\x18\x08\x15\0\1m\x15\0\1m") },
	{ "reason alone", 5, MALFORMED, MALFORMED, BYTES("\xf0\x01\x18") },
	{ "trailing octet", 5, MALFORMED, MALFORMED,
	  BYTES("\xf0\x07\x18\4\x15\0\1m\0") },
	{ "properties past the end", 5, MALFORMED, MALFORMED,
	  BYTES("\xf0\x06\x18\5\x15\0\1m") },
	{ "property of CONNECT", 5, MALFORMED, MALFORMED,
	  BYTES("\xf0\x04\x18\2\x17\0") },
	{ "longer than it says", 5, MALFORMED, MALFORMED,
	  BYTES("\xf0\x05\x18\4\x15\0\1m") },
};

static enum mqtt_fault read_auth(struct slice packet, uint8_t level,
                                 enum mqtt_sender sender, void *out)
{
	return mqtt_auth_read(packet, level, sender, out);
}

static void exchanges_are_judged(void **state)
{
	(void)state;
	expect_sided_samples(samples, LENGTH(samples), read_auth);
}

static void old_versions_know_no_such_packet(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(samples); i++) {
		struct mqtt_auth auth;

		assert_int_equal(
		    mqtt_auth_read(samples[i].packet, 4, SERVER, &auth),
		    MALFORMED);
		assert_int_equal(
		    mqtt_auth_read(samples[i].packet, 3, SERVER, &auth),
		    MALFORMED);
	}
}

static void an_exchange_tells_its_parts(void **state)
{
	const struct slice packet = BYTES("\xf0\x06\x18\4\x15\0\1m");
	struct mqtt_auth auth;

	(void)state;
	assert_int_equal(mqtt_auth_read(packet, 5, CLIENT, &auth), NONE);
	assert_int_equal(auth.reason, 0x18);
	assert_ptr_equal(auth.properties.data, packet.data + 4);
	assert_int_equal(auth.properties.len, 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(exchanges_are_judged),
		cmocka_unit_test(old_versions_know_no_such_packet),
		cmocka_unit_test(an_exchange_tells_its_parts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
