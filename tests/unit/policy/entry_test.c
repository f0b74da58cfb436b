/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What becomes of a CONNECT and of its CONNACK, octet for octet
 * (origin-and-acl.md 6.6).
 */
#include "policy/entry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "trial.h"

#define ANY_RECEIVE_MAX 65535
#define LONG_ID 1100

static struct trial trial;
static struct entry_guest guest;
static struct entry entry;

static int begin(void **state)
{
	(void)state;
	trial_init(&trial);
	/* What has a test of its own stays out of the others. */
	trial.config.receive_max = ANY_RECEIVE_MAX;
	guest = (struct entry_guest){ .is_asked = false };
	return 0;
}

static int finish(void **state)
{
	(void)state;
	entry_finish(&entry);
	trial_finish(&trial);
	return 0;
}

static struct entry_refusal judge(struct slice packet,
                                  struct mqtt_connect *connect)
{
	entry_finish(&entry);
	entry.guest = guest;
	assert_int_equal(mqtt_connect_read(packet, connect), MQTT_CONNECT_OK);
	return entry_judge(&entry, &trial.route, connect, TRIAL_SESSION);
}

/* What goes to the broker for `packet`. */
static void expect_connect(struct slice packet, struct slice wanted)
{
	struct mqtt_connect connect;
	struct slice found = packet;
	uint8_t *written = NULL;

	assert_int_equal(judge(packet, &connect).reason, CLOSE_NONE);

	enum entry_write result = entry_write_connect(
	    &entry, &trial.route, &connect, &written, &found.len);

	assert_int_equal(result, slice_equals(packet, wanted) ? ENTRY_SAME
	                                                      : ENTRY_WRITTEN);
	if (result == ENTRY_WRITTEN)
		found.data = written;
	expect_octets(found, wanted);
	free(written);
}

static void expect_same(struct slice packet)
{
	expect_connect(packet, packet);
}

static void expect_refused(struct slice packet, enum close_reason reason,
                           uint8_t code5)
{
	struct mqtt_connect connect;
	struct entry_refusal refusal = judge(packet, &connect);

	assert_int_equal(refusal.reason, reason);
	assert_int_equal(refusal.code5, code5);
}

/* What goes to the browser for a CONNACK of MQTT 5. */
static void expect_connack(struct slice packet, struct slice wanted)
{
	struct mqtt_connack connack;
	struct slice found = packet;
	uint8_t *written = NULL;

	assert_int_equal(mqtt_connack_read(packet, MQTT_LEVEL_5, &connack),
	                 MQTT_FAULT_NONE);

	enum entry_write result = entry_write_connack(
	    &entry, &trial.route, &connack, &written, &found.len);

	assert_int_equal(result, slice_equals(packet, wanted) ? ENTRY_SAME
	                                                      : ENTRY_WRITTEN);
	if (result == ENTRY_WRITTEN)
		found.data = written;
	expect_octets(found, wanted);
	free(written);
}

static void what_asks_for_nothing_goes_as_it_came(void **state)
{
	(void)state;
	trial.config.receive_max = 20;
	expect_same(PACKET("\x10\x17\x00\x06MQIsdp\x03\x80\xff\xff"
	                   "\x00\x02\x63\x31\x00\x05"
	                   "alice"));
	assert_string_equal(entry.client_id, "c1");
	assert_string_equal(entry.user, "alice");
	expect_same(PACKET("\x10\x0e\x00\x04MQTT\x04\x00\x00\x00"
	                   "\x00\x02\x63\x31"));
	assert_null(entry.user);
	expect_same(PACKET("\x10\x12\x00\x04MQTT\x05\x00\x00\x3c"
	                   "\x03\x21\xff\xff\x00\x02\x63\x31"));
	assert_int_equal(entry.level, 5);
	expect_connack(PACKET("\x20\x06\x00\x00\x03\x21\x00\x14"),
	               PACKET("\x20\x06\x00\x00\x03\x21\x00\x14"));
}

static void the_broker_gets_the_clients_address(void **state)
{
	(void)state;
	trial.config.address_property.value = "at";
	guest.address = "::1";
	expect_connect(PACKET("\x10\x0f\x00\x04MQTT\x05\x00\x00\x3c"
	                      "\x00\x00\x02\x63\x31"),
	               PACKET("\x10\x19\x00\x04MQTT\x05\x00\x00\x3c"
	                      "\x0a\x26\x00\x02"
	                      "at\x00\x03::1\x00\x02\x63\x31"));
	expect_same(PACKET("\x10\x0e\x00\x04MQTT\x04\x00\x00\x00"
	                   "\x00\x02\x63\x31"));
}

static void no_client_writes_it_himself(void **state)
{
	(void)state;
	trial.config.address_property.value = "at";
	expect_connect(PACKET("\x10\x21\x00\x04MQTT\x05\x00\x00\x3c"
	                      "\x12\x26\x00\x02"
	                      "at\x00\x03::1\x26\x00\x02"
	                      "of\x00\x01x\x00\x02\x63\x31"),
	               PACKET("\x10\x17\x00\x04MQTT\x05\x00\x00\x3c"
	                      "\x08\x26\x00\x02"
	                      "of\x00\x01x\x00\x02\x63\x31"));
}

static void the_browser_hears_how_much_may_be_in_flight(void **state)
{
	(void)state;
	trial.config.receive_max = 20;
	expect_same(PACKET("\x10\x0f\x00\x04MQTT\x05\x00\x00\x3c"
	                   "\x00\x00\x02\x63\x31"));
	expect_connack(PACKET("\x20\x03\x01\x00\x00"),
	               PACKET("\x20\x06\x01\x00\x03\x21\x00\x14"));
	expect_connack(PACKET("\x20\x06\x00\x00\x03\x21\x00\x15"),
	               PACKET("\x20\x06\x00\x00\x03\x21\x00\x14"));
	expect_connack(PACKET("\x20\x06\x00\x00\x03\x21\x00\x01"),
	               PACKET("\x20\x06\x00\x00\x03\x21\x00\x01"));
}

/* All properties of the standard that a server may send, but for two. */
static void other_properties_of_a_connack_are_kept(void **state)
{
	(void)state;
	trial.config.receive_max = 20;
	expect_same(PACKET("\x10\x0f\x00\x04MQTT\x05\x00\x00\x3c"
	                   "\x00\x00\x02\x63\x31"));
	expect_connack(
	    PACKET("\x20\x24\x00\x00\x21\x24\x01\x25\x01\x21\xff\xff"
	           "\x27\x00\x01\x00\x00\x1f\x00\x02ok\x28\x01\x29\x01"
	           "\x2a\x01\x26\x00\x01k\x00\x01v\x22\x00\x05"),
	    PACKET("\x20\x24\x00\x00\x21\x21\x00\x14\x24\x01\x25\x01"
	           "\x27\x00\x01\x00\x00\x1f\x00\x02ok\x28\x01\x29\x01"
	           "\x2a\x01\x26\x00\x01k\x00\x01v\x22\x00\x05"));
}

static void a_long_keep_alive_is_cut_in_mqtt_5(void **state)
{
	static const char *const alives[] = { "\x01\x2d", "\xff\xff",
		                              "\x00\x00" };
	uint8_t packet[] = "\x10\x0f\x00\x04MQTT\x05\x00\x00\x00"
	                   "\x00\x00\x02\x63\x31";

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		memcpy(packet + 10, alives[i], 2);
		expect_connect((struct slice){ packet, sizeof packet - 1 },
		               PACKET("\x10\x0f\x00\x04MQTT\x05\x00\x01\x2c"
		                      "\x00\x00\x02\x63\x31"));
		assert_true(entry.has_less_alive);
		expect_connack(PACKET("\x20\x03\x00\x00\x00"),
		               PACKET("\x20\x06\x00\x00\x03\x13\x01\x2c"));
		expect_connack(PACKET("\x20\x06\x00\x00\x03\x13\x02\x00"),
		               PACKET("\x20\x06\x00\x00\x03\x13\x01\x2c"));
		expect_connack(PACKET("\x20\x06\x00\x00\x03\x13\x00\x00"),
		               PACKET("\x20\x06\x00\x00\x03\x13\x01\x2c"));
		expect_connack(PACKET("\x20\x06\x00\x00\x03\x13\x00\x64"),
		               PACKET("\x20\x06\x00\x00\x03\x13\x00\x64"));
	}
}

static void a_keep_alive_within_the_bound_stays(void **state)
{
	(void)state;
	expect_same(PACKET("\x10\x0f\x00\x04MQTT\x05\x00\x01\x2c"
	                   "\x00\x00\x02\x63\x31"));
	expect_connack(PACKET("\x20\x03\x00\x00\x00"),
	               PACKET("\x20\x03\x00\x00\x00"));
	trial.config.max_keepalive_s = 0;
	expect_same(PACKET("\x10\x0f\x00\x04MQTT\x05\x00\x00\x00"
	                   "\x00\x00\x02\x63\x31"));
	expect_same(PACKET("\x10\x0f\x00\x04MQTT\x05\x00\xff\xff"
	                   "\x00\x00\x02\x63\x31"));
	expect_connack(PACKET("\x20\x03\x00\x00\x00"),
	               PACKET("\x20\x03\x00\x00\x00"));
}

static void without_persistence_no_session_is_left(void **state)
{
	(void)state;
	trial.config.persistent = false;
	expect_connect(PACKET("\x10\x10\x00\x06MQIsdp\x03\x00\x00\x3c"
	                      "\x00\x02\x63\x31"),
	               PACKET("\x10\x10\x00\x06MQIsdp\x03\x02\x00\x3c"
	                      "\x00\x02\x63\x31"));
	expect_connect(PACKET("\x10\x0e\x00\x04MQTT\x04\x00\x00\x3c"
	                      "\x00\x02\x63\x31"),
	               PACKET("\x10\x0e\x00\x04MQTT\x04\x02\x00\x3c"
	                      "\x00\x02\x63\x31"));
	expect_same(PACKET("\x10\x0e\x00\x04MQTT\x04\x02\x00\x3c"
	                   "\x00\x02\x63\x31"));
	expect_connect(PACKET("\x10\x14\x00\x04MQTT\x05\x00\x00\x3c"
	                      "\x05\x11\x00\x00\x0e\x10\x00\x02\x63\x31"),
	               PACKET("\x10\x0f\x00\x04MQTT\x05\x02\x00\x3c"
	                      "\x00\x00\x02\x63\x31"));
	expect_connack(PACKET("\x20\x03\x00\x00\x00"),
	               PACKET("\x20\x08\x00\x00\x05\x11\x00\x00\x00\x00"));
	expect_connack(PACKET("\x20\x08\x00\x00\x05\x11\x00\x00\x00\x3c"),
	               PACKET("\x20\x08\x00\x00\x05\x11\x00\x00\x00\x00"));
}

/* What was not asked for need not be taken back [MQTT5 3.2.2.3.2]. */
static void who_asks_for_no_lasting_session_hears_of_none(void **state)
{
	(void)state;
	trial.config.persistent = false;
	expect_same(PACKET("\x10\x0f\x00\x04MQTT\x05\x02\x00\x3c"
	                   "\x00\x00\x02\x63\x31"));
	expect_connack(PACKET("\x20\x03\x00\x00\x00"),
	               PACKET("\x20\x03\x00\x00\x00"));
	expect_connect(PACKET("\x10\x14\x00\x04MQTT\x05\x02\x00\x3c"
	                      "\x05\x11\x00\x00\x00\x00\x00\x02\x63\x31"),
	               PACKET("\x10\x0f\x00\x04MQTT\x05\x02\x00\x3c"
	                      "\x00\x00\x02\x63\x31"));
	expect_connack(PACKET("\x20\x03\x00\x00\x00"),
	               PACKET("\x20\x03\x00\x00\x00"));
}

static void the_upstreams_login_goes_in(void **state)
{
	(void)state;
	trial_set_login(&trial, "web", "pw");
	expect_connect(PACKET("\x10\x10\x00\x06MQIsdp\x03\x02\x00\x3c"
	                      "\x00\x02\x63\x31"),
	               PACKET("\x10\x19\x00\x06MQIsdp\x03\xc2\x00\x3c"
	                      "\x00\x02\x63\x31\x00\x03web\x00\x02pw"));
	expect_connect(PACKET("\x10\x1d\x00\x04MQTT\x04\xc2\x00\x3c"
	                      "\x00\x02\x63\x31\x00\x05"
	                      "alice\x00\x06secret"),
	               PACKET("\x10\x17\x00\x04MQTT\x04\xc2\x00\x3c"
	                      "\x00\x02\x63\x31\x00\x03web\x00\x02pw"));
	assert_null(entry.user);
	/* A password alone, in MQTT 5. */
	expect_connect(PACKET("\x10\x12\x00\x04MQTT\x05\x42\x00\x3c"
	                      "\x00\x00\x02\x63\x31\x00\x01x"),
	               PACKET("\x10\x18\x00\x04MQTT\x05\xc2\x00\x3c"
	                      "\x00\x00\x02\x63\x31\x00\x03web\x00\x02pw"));
}

static void a_login_without_a_password_takes_the_pages_out(void **state)
{
	(void)state;
	trial_set_login(&trial, "web", NULL);
	expect_connect(PACKET("\x10\x1d\x00\x04MQTT\x04\xc2\x00\x3c"
	                      "\x00\x02\x63\x31\x00\x05"
	                      "alice\x00\x06secret"),
	               PACKET("\x10\x13\x00\x04MQTT\x04\x82\x00\x3c"
	                      "\x00\x02\x63\x31\x00\x03web"));
}

static void a_page_with_a_login_of_its_own_does_not_enter(void **state)
{
	/* Authentication Method "scrm". */
	static const char connect[] = "\x10\x16\x00\x04MQTT\x05\x02\x00\x3c"
	                              "\x07\x15\x00\x04scrm\x00\x02\x63\x31";

	(void)state;
	expect_same(PACKET(connect));
	trial_set_login(&trial, "web", "pw");
	expect_refused(PACKET(connect), CLOSE_BAD_LOGIN, 0x8c);
}

/* A will with properties, QoS 2, RETAIN, and a payload with a NUL. */
static void the_will_is_kept(void **state)
{
	(void)state;
	trial_set_login(&trial, "web", "pw");
	expect_connect(PACKET("\x10\x25\x00\x04MQTT\x05\x36\x00\x3c"
	                      "\x07\x26\x00\x01k\x00\x01v"
	                      "\x00\x02\x63\x31"
	                      "\x05\x18\x00\x00\x00\x05"
	                      "\x00\x02w/\x00\x03p\x00q"),
	               PACKET("\x10\x2e\x00\x04MQTT\x05\xf6\x00\x3c"
	                      "\x07\x26\x00\x01k\x00\x01v"
	                      "\x00\x02\x63\x31"
	                      "\x05\x18\x00\x00\x00\x05"
	                      "\x00\x02w/\x00\x03p\x00q"
	                      "\x00\x03web\x00\x02pw"));
}

static void a_client_id_must_have_the_form_of_the_route(void **state)
{
	(void)state;
	trial_set_client_id(&trial, "match:${user}-${client}");
	expect_same(PACKET("\x10\x1b\x00\x04MQTT\x04\x82\x00\x3c"
	                   "\x00\x08"
	                   "alice-c1\x00\x05"
	                   "alice"));
	assert_string_equal(entry.client_id, "alice-c1");
	expect_refused(PACKET("\x10\x1b\x00\x04MQTT\x04\x82\x00\x3c"
	                      "\x00\x08"
	                      "alice-c1\x00\x05malic"),
	               CLOSE_CLIENT_ID, 0);
	/* No user at all. */
	expect_refused(PACKET("\x10\x14\x00\x04MQTT\x04\x02\x00\x3c"
	                      "\x00\x08"
	                      "alice-c1"),
	               CLOSE_CLIENT_ID, 0);
}

static void a_client_id_is_rewritten(void **state)
{
	(void)state;
	trial.config.persistent = false;
	trial_set_client_id(&trial, "rewrite:web-${user}-${session}");
	expect_connect(PACKET("\x10\x15\x00\x04MQTT\x04\x82\x00\x3c"
	                      "\x00\x02\x63\x31\x00\x05"
	                      "alice"),
	               PACKET("\x10\x21\x00\x04MQTT\x04\x82\x00\x3c"
	                      "\x00\x0eweb-alice-w1-7\x00\x05"
	                      "alice"));
	assert_string_equal(entry.client_id, "web-alice-w1-7");
	expect_refused(PACKET("\x10\x0e\x00\x04MQTT\x04\x02\x00\x3c"
	                      "\x00\x02\x63\x31"),
	               CLOSE_CLIENT_ID, 0);
	/* The broker does not verify a user whose place ours takes. */
	trial_set_login(&trial, "web", "pw");
	expect_refused(PACKET("\x10\x15\x00\x04MQTT\x04\x82\x00\x3c"
	                      "\x00\x02\x63\x31\x00\x05"
	                      "alice"),
	               CLOSE_CLIENT_ID, 0);
}

static void a_certificate_says_who_the_user_is(void **state)
{
	(void)state;
	guest = (struct entry_guest){ .is_asked = true, .user = "anna" };
	/* The upstream's login does not change who it is. */
	trial_set_login(&trial, "web", "pw");
	expect_connect(PACKET("\x10\x0e\x00\x04MQTT\x04\x02\x00\x3c"
	                      "\x00\x02\x63\x31"),
	               PACKET("\x10\x17\x00\x04MQTT\x04\xc2\x00\x3c"
	                      "\x00\x02\x63\x31\x00\x03web\x00\x02pw"));
	assert_string_equal(entry.user, "anna");
}

static void where_certificates_are_asked_for_a_name_is_no_user(void **state)
{
	(void)state;
	guest = (struct entry_guest){ .is_asked = true };
	expect_same(PACKET("\x10\x15\x00\x04MQTT\x04\x82\x00\x3c"
	                   "\x00\x02\x63\x31\x00\x05"
	                   "alice"));
	assert_null(entry.user);
}

static void who_had_no_client_id_hears_of_his_new_one(void **state)
{
	(void)state;
	trial.config.persistent = false;
	trial_set_client_id(&trial, "rewrite:web-${session}");
	expect_connect(PACKET("\x10\x0d\x00\x04MQTT\x05\x02\x00\x3c"
	                      "\x00\x00\x00"),
	               PACKET("\x10\x15\x00\x04MQTT\x05\x02\x00\x3c"
	                      "\x00\x00\x08web-w1-7"));
	assert_true(entry.has_assigned_id);
	expect_connack(PACKET("\x20\x03\x00\x00\x00"),
	               PACKET("\x20\x0e\x00\x00\x0b\x12\x00\x08web-w1-7"));
	expect_connect(PACKET("\x10\x0f\x00\x04MQTT\x05\x02\x00\x3c"
	                      "\x00\x00\x02\x63\x31"),
	               PACKET("\x10\x15\x00\x04MQTT\x05\x02\x00\x3c"
	                      "\x00\x00\x08web-w1-7"));
	expect_connack(PACKET("\x20\x03\x00\x00\x00"),
	               PACKET("\x20\x03\x00\x00\x00"));
}

static void the_id_that_the_broker_assigns_is_its_own(void **state)
{
	(void)state;
	expect_same(PACKET("\x10\x0d\x00\x04MQTT\x05\x02\x00\x3c"
	                   "\x00\x00\x00"));
	assert_string_equal(entry.client_id, "");
	expect_connack(PACKET("\x20\x08\x00\x00\x05\x12\x00\x02xy"),
	               PACKET("\x20\x08\x00\x00\x05\x12\x00\x02xy"));
}

static void a_rewritten_id_that_is_too_long_is_refused(void **state)
{
	uint8_t packet[LONG_ID + 32] = "\x10\xd8\x08\x00\x04MQTT\x04\x02\x00"
	                               "\x3c\x04\x4c";

	(void)state;
	memset(packet + 15, 'c', LONG_ID);
	expect_same((struct slice){ packet, LONG_ID + 15 });
	trial_set_client_id(&trial, "rewrite:${client}");
	expect_refused((struct slice){ packet, LONG_ID + 15 }, CLOSE_CLIENT_ID,
	               0);
}

static void aliases_are_not_offered_where_topics_are_judged(void **state)
{
	/* Topic Alias Maximum 10; none of its own. */
	static const char asks[] = "\x10\x12\x00\x04MQTT\x05\x02\x00\x3c"
	                           "\x03\x22\x00\x0a\x00\x02\x63\x31";
	static const char quiet[] = "\x10\x0f\x00\x04MQTT\x05\x02\x00\x3c"
	                            "\x00\x00\x02\x63\x31";
	static const char offers[] = "\x20\x06\x00\x00\x03\x22\x00\x0a";
	static const char none[] = "\x20\x03\x00\x00\x00";

	(void)state;
	expect_same(PACKET(asks));
	expect_connack(PACKET(offers), PACKET(offers));
	trial.config.read_only = true;
	expect_same(PACKET(asks));
	expect_connack(PACKET(offers), PACKET(none));
	trial.config.read_only = false;
	trial_set_rules(&trial, RULES("allow sub #", "allow pub a"));
	expect_same(PACKET(asks));
	expect_connack(PACKET(offers), PACKET(none));
	trial_set_rules(&trial, RULES("allow sub a/#"));
	expect_connect(PACKET(asks), PACKET(quiet));
	expect_connack(PACKET(offers), PACKET(none));
	expect_connack(PACKET(none), PACKET(none));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, finish)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_asks_for_nothing_goes_as_it_came),
		TEST(the_broker_gets_the_clients_address),
		TEST(no_client_writes_it_himself),
		TEST(the_browser_hears_how_much_may_be_in_flight),
		TEST(other_properties_of_a_connack_are_kept),
		TEST(a_long_keep_alive_is_cut_in_mqtt_5),
		TEST(a_keep_alive_within_the_bound_stays),
		TEST(without_persistence_no_session_is_left),
		TEST(who_asks_for_no_lasting_session_hears_of_none),
		TEST(the_upstreams_login_goes_in),
		TEST(a_login_without_a_password_takes_the_pages_out),
		TEST(a_page_with_a_login_of_its_own_does_not_enter),
		TEST(the_will_is_kept),
		TEST(a_client_id_must_have_the_form_of_the_route),
		TEST(a_client_id_is_rewritten),
		TEST(a_certificate_says_who_the_user_is),
		TEST(where_certificates_are_asked_for_a_name_is_no_user),
		TEST(who_had_no_client_id_hears_of_his_new_one),
		TEST(the_id_that_the_broker_assigns_is_its_own),
		TEST(a_rewritten_id_that_is_too_long_is_refused),
		TEST(aliases_are_not_offered_where_topics_are_judged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
