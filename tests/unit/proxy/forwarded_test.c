/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "address.h"
#include "proxy/forwarded.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static bool read_value(const char *value, struct sockaddr_storage *client)
{
	static const char *const texts[] = { "10.0.0.0/8", "unix", "fd00::/8" };
	struct network trusted[COUNT(texts)];

	for (size_t i = 0; i < COUNT(texts); i++)
		assert_int_equal(network_read(texts[i], &trusted[i]),
		                 NETWORK_READ);
	return forwarded_read(slice_from_text(value), trusted, COUNT(trusted),
	                      client);
}

static void is_from(const char *value, const char *host)
{
	struct sockaddr_storage client;

	assert_true(read_value(value, &client));
	assert_address(&client, host, 0);
}

static void the_last_that_no_proxy_has_is_the_client(void **state)
{
	(void)state;
	is_from("203.0.113.9", "203.0.113.9");
	is_from("203.0.113.9, 10.0.0.7", "203.0.113.9");
	is_from("203.0.113.9, 10.0.0.7, fd00::3,10.1.1.1", "203.0.113.9");
}

static void what_stands_further_left_is_not_looked_at(void **state)
{
	(void)state;
	is_from("127.0.0.1, 203.0.113.9", "203.0.113.9");
	is_from("198.51.100.1, 203.0.113.9, 10.0.0.7", "203.0.113.9");
	is_from("<script>, 203.0.113.9", "203.0.113.9");
	is_from(",,, 203.0.113.9", "203.0.113.9");
}

static void a_client_of_the_plant_is_the_first(void **state)
{
	(void)state;
	is_from("10.0.0.9", "10.0.0.9");
	is_from("10.0.0.9, 10.0.0.7", "10.0.0.9");
}

static void an_address_may_have_brackets_and_a_port(void **state)
{
	(void)state;
	is_from("203.0.113.9:50123", "203.0.113.9");
	is_from("[2001:db8::9]:50123", "2001:db8::9");
	is_from("[2001:db8::9]", "2001:db8::9");
	is_from("2001:db8::9", "2001:db8::9");
	is_from(" \t203.0.113.9 \t", "203.0.113.9");
}

static void where_it_should_stand_is_none(void **state)
{
	static const char *const values[] = {
		"",
		" ",
		",",
		"203.0.113.9,",
		"203.0.113.9, unknown, 10.0.0.7",
		"203.0.113.9, 10.0.0.300",
		"_hidden",
		"203.0.113.9x",
		"203.0.113.9:80x",
		"203.0.113.9:80:90",
		"[2001:db8::9",
		"[2001:db8::9]x",
		"2001:db8::9]",
		"[203.0.113.9]",
		"203.0.113.9;203.0.113.8",
		"0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000",
	};
	struct sockaddr_storage client;

	(void)state;
	for (size_t i = 0; i < COUNT(values); i++)
		assert_false(read_value(values[i], &client));
	assert_false(forwarded_read((struct slice){ 0 }, NULL, 0, &client));
}

static void an_address_does_not_end_at_a_nul(void **state)
{
	static const uint8_t value[] = "203.0.113.9\0, 10.0.0.7";
	static const uint8_t port[] = "203.0.113.9:80\0x";
	struct sockaddr_storage client;

	(void)state;
	assert_false(
	    forwarded_read((struct slice){ value, 12 }, NULL, 0, &client));
	assert_false(
	    forwarded_read((struct slice){ port, 16 }, NULL, 0, &client));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_last_that_no_proxy_has_is_the_client),
		cmocka_unit_test(what_stands_further_left_is_not_looked_at),
		cmocka_unit_test(a_client_of_the_plant_is_the_first),
		cmocka_unit_test(an_address_may_have_brackets_and_a_port),
		cmocka_unit_test(where_it_should_stand_is_none),
		cmocka_unit_test(an_address_does_not_end_at_a_nul),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
