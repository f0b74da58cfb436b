/* SPDX-License-Identifier: Apache-2.0 */
#include "mqtt/auth.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))
#define BYTES(bytes)                                                           \
	{                                                                      \
		(const uint8_t *)(bytes), sizeof(bytes) - 1                    \
	}

#define NONE MQTT_FAULT_NONE
#define MALFORMED MQTT_FAULT_MALFORMED
#define PROTOCOL MQTT_FAULT_PROTOCOL
#define CLIENT MQTT_SENDER_CLIENT
#define SERVER MQTT_SENDER_SERVER

struct sample {
	const char *what;
	enum mqtt_fault client; /* when a client sends it */
	enum mqtt_fault server;
	struct slice packet;
};

static const struct sample samples[] = {
	{ "nothing: success", PROTOCOL, NONE, BYTES("\xf0\x00") },
	{ "success", PROTOCOL, NONE, BYTES("\xf0\x06\0\4\x15\0\1m") },
	{ "continue", NONE, NONE, BYTES("\xf0\x06\x18\4\x15\0\1m") },
	{ "again, with data", NONE, NONE,
	  BYTES("\xf0\x0a\x19\x08\x15\0\1m\x16\0\1\xff") },
	{ "another reason", PROTOCOL, NONE, BYTES("\xf0\x06\x87\4\x15\0\1m") },
	{ "no method", PROTOCOL, NONE, BYTES("\xf0\x02\x18\0") },
	{ "data alone", PROTOCOL, NONE, BYTES("\xf0\x06\x18\4\x16\0\1x") },
	{ "method twice", PROTOCOL, PROTOCOL,
	  BYTES("\xf0\x0a\x18\x08\x15\0\1m\x15\0\1m") },
	{ "reason alone", MALFORMED, MALFORMED, BYTES("\xf0\x01\x18") },
	{ "trailing octet", MALFORMED, MALFORMED,
	  BYTES("\xf0\x07\x18\4\x15\0\1m\0") },
	{ "properties past the end", MALFORMED, MALFORMED,
	  BYTES("\xf0\x06\x18\5\x15\0\1m") },
	{ "property of CONNECT", MALFORMED, MALFORMED,
	  BYTES("\xf0\x04\x18\2\x17\0") },
	{ "longer than it says", MALFORMED, MALFORMED,
	  BYTES("\xf0\x05\x18\4\x15\0\1m") },
};

static void expect(const struct sample *sample, enum mqtt_sender sender,
                   enum mqtt_fault expected)
{
	struct mqtt_auth auth = { .reason = 47 };
	enum mqtt_fault fault =
	    mqtt_auth_read(sample->packet, 5, sender, &auth);

	if (fault != expected)
		fail_msg("%s, sender %u: %u", sample->what, sender, fault);
	if (fault != NONE)
		assert_int_equal(auth.reason, 47);
}

static void exchanges_are_judged(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(samples); i++) {
		expect(&samples[i], CLIENT, samples[i].client);
		expect(&samples[i], SERVER, samples[i].server);
	}
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
