/* SPDX-License-Identifier: Apache-2.0 */
#include "mqtt/subscribe.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "sample.h"

static const struct sample subscribes[] = {
	{ "3.1", 3, NONE, BYTES("\x82\x06\0\1\0\1t\2") },
	{ "3.1, a retry", 3, NONE, BYTES("\x8a\x06\0\1\0\1t\1") },
	{ "3.1, unused bits", 3, NONE, BYTES("\x82\x06\0\1\0\1t\xfc") },
	{ "3.1, qos 3", 3, MALFORMED, BYTES("\x82\x06\0\1\0\1t\3") },
	{ "3.1, no filter", 3, PROTOCOL, BYTES("\x82\x02\0\1") },
	{ "3.1.1", 4, NONE, BYTES("\x82\x06\0\1\0\1t\0") },
	{ "3.1.1, two", 4, NONE, BYTES("\x82\x0e\0\1\0\3+/#\2\0\3a/b\1") },
	{ "3.1.1, same twice", 4, NONE, BYTES("\x82\x0a\0\1\0\1t\0\0\1t\1") },
	{ "3.1.1, qos 3", 4, MALFORMED, BYTES("\x82\x06\0\1\0\1t\3") },
	{ "3.1.1, no local", 4, MALFORMED, BYTES("\x82\x06\0\1\0\1t\4") },
	{ "3.1.1, reserved bit", 4, MALFORMED, BYTES("\x82\x06\0\1\0\1t\x80") },
	{ "3.1.1, packet id 0", 4, PROTOCOL, BYTES("\x82\x06\0\0\0\1t\0") },
	{ "3.1.1, no filter", 4, PROTOCOL, BYTES("\x82\x02\0\1") },
	{ "3.1.1, empty filter", 4, MALFORMED, BYTES("\x82\x05\0\1\0\0\0") },
	{ "3.1.1, no options", 4, MALFORMED, BYTES("\x82\x05\0\1\0\1t") },
	{ "3.1.1, filter past the end", 4, MALFORMED,
	  BYTES("\x82\x06\0\1\0\3t\0") },
	{ "3.1.1, trailing octet", 4, MALFORMED,
	  BYTES("\x82\x07\0\1\0\1t\0\0") },
	{ "3.1.1, no packet id", 4, MALFORMED, BYTES("\x82\x01\0") },
	{ "3.1.1, # not last", 4, MALFORMED, BYTES("\x82\x08\0\1\0\3#/a\0") },
	{ "3.1.1, + not alone", 4, MALFORMED, BYTES("\x82\x07\0\1\0\2a+\0") },
	{ "3.1.1, not text", 4, MALFORMED, BYTES("\x82\x06\0\1\0\1\xff\0") },
	{ "3.1.1, second filter bad", 4, MALFORMED,
	  BYTES("\x82\x0b\0\1\0\1t\0\0\2##\0") },
	{ "3.1.1, shared", 4, NONE, BYTES("\x82\x0f\0\1\0\x0a$share/g/t\0") },
	{ "3.1.1, shared without a filter", 4, MALFORMED,
	  BYTES("\x82\x0d\0\1\0\x08$share/g\0") },
	{ "3.1.1 has no properties", 4, MALFORMED,
	  BYTES("\x82\x07\0\1\0\0\1t\0") },
	{ "3.1.1, shorter than it says", 4, MALFORMED,
	  BYTES("\x82\x07\0\1\0\1t\0") },
	{ "3.1.1, longer than it says", 4, MALFORMED,
	  BYTES("\x82\x05\0\1\0\1t\0") },

	{ "5", 5, NONE, BYTES("\x82\x07\0\1\0\0\1t\0") },
	{ "5, all options", 5, NONE, BYTES("\x82\x07\0\1\0\0\1t\x2e") },
	{ "5, qos 3", 5, PROTOCOL, BYTES("\x82\x07\0\1\0\0\1t\3") },
	{ "5, retain handling 3", 5, PROTOCOL,
	  BYTES("\x82\x07\0\1\0\0\1t\x30") },
	{ "5, reserved bit 6", 5, MALFORMED, BYTES("\x82\x07\0\1\0\0\1t\x40") },
	{ "5, reserved bit 7", 5, MALFORMED, BYTES("\x82\x07\0\1\0\0\1t\x80") },
	{ "5, no local", 5, NONE, BYTES("\x82\x07\0\1\0\0\1t\4") },
	{ "5, no local on a shared one", 5, PROTOCOL,
	  BYTES("\x82\x10\0\1\0\0\x0a$share/g/t\4") },
	{ "5, shared, no group", 5, MALFORMED,
	  BYTES("\x82\x0f\0\1\0\0\x09$share//t\0") },
	{ "5, packet id 0", 5, PROTOCOL, BYTES("\x82\x07\0\0\0\0\1t\0") },
	{ "5, no filter", 5, PROTOCOL, BYTES("\x82\x03\0\1\0") },
	{ "5, no properties' length", 5, MALFORMED, BYTES("\x82\x02\0\1") },
	{ "5, subscription id", 5, NONE, BYTES("\x82\x09\0\1\2\x0b\1\0\1t\0") },
	{ "5, subscription id 0", 5, PROTOCOL,
	  BYTES("\x82\x09\0\1\2\x0b\0\0\1t\0") },
	{ "5, subscription id twice", 5, PROTOCOL,
	  BYTES("\x82\x0b\0\1\4\x0b\1\x0b\1\0\1t\0") },
	{ "5, alias", 5, MALFORMED, BYTES("\x82\x0a\0\1\3\x23\0\1\0\1t\0") },
};

static const struct sample unsubscribes[] = {
	{ "3.1", 3, NONE, BYTES("\xa2\x05\0\1\0\1t") },
	{ "3.1.1", 4, NONE, BYTES("\xa2\x05\0\1\0\1t") },
	{ "3.1.1, two", 4, NONE, BYTES("\xa2\x08\0\1\0\1t\0\1#") },
	{ "3.1.1, packet id 0", 4, PROTOCOL, BYTES("\xa2\x05\0\0\0\1t") },
	{ "3.1.1, no filter", 4, PROTOCOL, BYTES("\xa2\x02\0\1") },
	{ "3.1.1, empty filter", 4, MALFORMED, BYTES("\xa2\x04\0\1\0\0") },
	{ "3.1.1, filter past the end", 4, MALFORMED,
	  BYTES("\xa2\x05\0\1\0\2t") },
	{ "3.1.1, trailing octet", 4, MALFORMED, BYTES("\xa2\x06\0\1\0\1t\0") },
	{ "3.1.1, # not last", 4, MALFORMED, BYTES("\xa2\x07\0\1\0\3#/a") },
	{ "3.1.1, shared", 4, NONE, BYTES("\xa2\x0e\0\1\0\x0a$share/g/t") },
	{ "5", 5, NONE, BYTES("\xa2\x06\0\1\0\0\1t") },
	{ "5, user property", 5, NONE,
	  BYTES("\xa2\x0b\0\1\5\x26\0\0\0\0\0\1t") },
	{ "5, subscription id", 5, MALFORMED,
	  BYTES("\xa2\x08\0\1\2\x0b\1\0\1t") },
	{ "5, no filter", 5, PROTOCOL, BYTES("\xa2\x03\0\1\0") },
	{ "5, packet id 0", 5, PROTOCOL, BYTES("\xa2\x06\0\0\0\0\1t") },
};

static enum mqtt_fault read_subscribe(struct slice packet, uint8_t level,
                                      enum mqtt_sender sender, void *out)
{
	(void)sender;
	return mqtt_subscribe_read(packet, level, out);
}

static void subscribes_are_judged_whole(void **state)
{
	(void)state;
	expect_samples(subscribes, LENGTH(subscribes), read_subscribe);
}

static enum mqtt_fault read_unsubscribe(struct slice packet, uint8_t level,
                                        enum mqtt_sender sender, void *out)
{
	(void)sender;
	return mqtt_unsubscribe_read(packet, level, out);
}

static void unsubscribes_are_judged_whole(void **state)
{
	(void)state;
	expect_samples(unsubscribes, LENGTH(unsubscribes), read_unsubscribe);
}

static void entries_come_one_by_one(void **state)
{
	const struct slice packet = BYTES("\x82\x11\1\2\2\x0b\7\0\3a/b\1"
	                                  "\0\3c/#\x2a");
	struct mqtt_subscribe subscribe;
	struct mqtt_subscription entry;

	(void)state;
	assert_int_equal(mqtt_subscribe_read(packet, 5, &subscribe), NONE);
	assert_int_equal(subscribe.packet_id, 0x0102);
	assert_int_equal(subscribe.count, 2);
	assert_int_equal(subscribe.properties.len, 2);
	assert_int_equal(subscribe.list.len, 12);
	assert_true(mqtt_subscribe_next(&subscribe.list, &entry));
	assert_true(slice_is(entry.filter, "a/b"));
	assert_int_equal(entry.options, 1);
	assert_ptr_equal(entry.whole.data, packet.data + 7);
	assert_int_equal(entry.whole.len, 6);
	assert_true(mqtt_subscribe_next(&subscribe.list, &entry));
	assert_true(slice_is(entry.filter, "c/#"));
	assert_int_equal(entry.options, 0x2a);
	assert_false(mqtt_subscribe_next(&subscribe.list, &entry));
	assert_int_equal(entry.options, 0x2a);
}

static void filters_of_an_unsubscribe_come_one_by_one(void **state)
{
	const struct slice packet = BYTES("\xa2\x09\1\2\0\1#\0\2ab");
	struct mqtt_subscribe subscribe;
	struct slice filter;

	(void)state;
	assert_int_equal(mqtt_unsubscribe_read(packet, 4, &subscribe), NONE);
	assert_int_equal(subscribe.count, 2);
	assert_true(mqtt_unsubscribe_next(&subscribe.list, &filter));
	assert_true(slice_is(filter, "#"));
	assert_true(mqtt_unsubscribe_next(&subscribe.list, &filter));
	assert_true(slice_is(filter, "ab"));
	assert_false(mqtt_unsubscribe_next(&subscribe.list, &filter));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(subscribes_are_judged_whole),
		cmocka_unit_test(unsubscribes_are_judged_whole),
		cmocka_unit_test(entries_come_one_by_one),
		cmocka_unit_test(filters_of_an_unsubscribe_come_one_by_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
