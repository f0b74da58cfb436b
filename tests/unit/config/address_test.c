/* SPDX-License-Identifier: Apache-2.0 */
#include "config/address.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct address read_address(const char *text)
{
	struct address address;

	assert_true(address_read_with_port(text, &address));
	return address;
}

static void expect_overlap(const char *a, const char *b, bool expected)
{
	struct address first = read_address(a);
	struct address second = read_address(b);

	assert_int_equal(address_overlaps(&first, &second), expected);
	assert_int_equal(address_overlaps(&second, &first), expected);
}

static void only_numeric_addresses_are_read(void **state)
{
	static const char *const wrong[] = {
		"",          "localhost",   "127.1",          "127.0.0.1.",
		"256.0.0.1", "[::1]",       "::ffff:1.2.3.4", "fe80::1%eth0",
		"*",         "127.0.0.1:1", " ::1",
	};
	struct address address;

	(void)state;
	assert_true(address_read("127.0.0.1", &address));
	assert_false(address.is_ipv6);
	assert_true(address_read("::", &address));
	assert_true(address.is_ipv6);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		assert_false(address_read(wrong[i], &address));
}

static void ports_are_plain_numbers_from_1_to_65535(void **state)
{
	static const char *const wrong[] = { "",          "0",    "65536",
		                             "08083",     "80 ",  "+80",
		                             "-1",        "http", "0x50",
		                             "4294967376" };
	uint16_t port = 7;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		assert_false(address_read_port(wrong[i], &port));
	assert_int_equal(port, 7);
	assert_true(address_read_port("1", &port));
	assert_true(address_read_port("65535", &port));
	assert_int_equal(port, 65535);
}

static void ipv6_with_a_port_wants_brackets(void **state)
{
	static const char *const wrong[] = {
		"::1:8083",     "[::1]",
		"[::1]8083",    "[127.0.0.1]:8083",
		"[::1:8083",    "127.0.0.1]:80",
		"127.0.0.1:",   ":8083",
		"[]:80",        "8083",
		"[::1]:",       "127.0.0.1:8083:1",
		"[[::1]]:8083", "]:80",
		"[:80",         "",
	};
	struct address address;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		assert_false(address_read_with_port(wrong[i], &address));
	assert_int_equal(read_address("[::1]:8083").port, 8083);
	assert_int_equal(read_address("127.0.0.1:1").port, 1);
}

static void loopback_is_127_and_1(void **state)
{
	static const struct {
		const char *text;
		bool is_loopback;
	} rows[] = {
		{ "127.0.0.1:1", true },   { "127.255.0.9:1", true },
		{ "[::1]:1", true },       { "0.0.0.0:1", false },
		{ "[::]:1", false },       { "128.0.0.1:1", false },
		{ "10.0.0.127:1", false }, { "[::2]:1", false },
		{ "[7f00:1::]:1", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct address address = read_address(rows[i].text);

		assert_int_equal(address_is_loopback(&address),
		                 rows[i].is_loopback);
	}
}

static void wildcard_overlaps_all_of_its_family_and_port(void **state)
{
	(void)state;
	expect_overlap("127.0.0.1:80", "127.0.0.1:80", true);
	expect_overlap("127.0.0.1:80", "127.0.0.1:81", false);
	expect_overlap("127.0.0.1:80", "127.0.0.2:80", false);
	expect_overlap("0.0.0.0:80", "127.0.0.2:80", true);
	expect_overlap("0.0.0.0:80", "[::]:80", false);
	expect_overlap("[::]:80", "[::1]:80", true);
	expect_overlap("[::1]:80", "[0:0::0:1]:80", true);
	expect_overlap("0.0.0.0:80", "[::1]:80", false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_numeric_addresses_are_read),
		cmocka_unit_test(ports_are_plain_numbers_from_1_to_65535),
		cmocka_unit_test(ipv6_with_a_port_wants_brackets),
		cmocka_unit_test(loopback_is_127_and_1),
		cmocka_unit_test(wildcard_overlaps_all_of_its_family_and_port),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
