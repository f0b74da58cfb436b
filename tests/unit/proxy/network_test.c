/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "address.h"
#include "proxy/network.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static bool has(const char *text, const char *host)
{
	struct sockaddr_storage address = address_of(host, 4711);
	struct network network;

	assert_int_equal(network_read(text, &network), NETWORK_READ);
	return network_has(&network, &address);
}

static void a_network_has_what_begins_alike(void **state)
{
	(void)state;
	assert_true(has("10.0.0.0/8", "10.255.0.1"));
	assert_false(has("10.0.0.0/8", "11.0.0.1"));
	assert_true(has("192.168.4.0/23", "192.168.5.255"));
	assert_false(has("192.168.4.0/23", "192.168.6.0"));
	assert_true(has("2001:db8::/33", "2001:db8:7fff::1"));
	assert_false(has("2001:db8::/33", "2001:db8:8000::1"));
	assert_true(has("0.0.0.0/0", "203.0.113.9"));
	assert_false(has("0.0.0.0/0", "2001:db8::1"));
	assert_true(has("::/0", "2001:db8::1"));
}

static void an_address_alone_is_itself(void **state)
{
	(void)state;
	assert_true(has("127.0.0.1", "127.0.0.1"));
	assert_false(has("127.0.0.1", "127.0.0.2"));
	assert_true(has("127.0.0.1/32", "127.0.0.1"));
	assert_true(has("::1", "::1"));
	assert_false(has("::1/128", "::2"));
}

static void ipv4_inside_ipv6_is_ipv4(void **state)
{
	(void)state;
	assert_true(has("10.0.0.0/8", "::ffff:10.0.0.7"));
	assert_true(has("::ffff:10.0.0.0/104", "10.0.0.7"));
	assert_false(has("10.0.0.0/8", "::10.0.0.7"));
}

static void a_unix_socket_is_a_network_of_its_own(void **state)
{
	struct sockaddr_storage local = address_unix();
	struct sockaddr_storage remote = address_of("127.0.0.1", 1);
	struct network network;

	(void)state;
	assert_int_equal(network_read("unix", &network), NETWORK_READ);
	assert_true(network_has(&network, &local));
	assert_false(network_has(&network, &remote));
	assert_int_equal(network_read("::/0", &network), NETWORK_READ);
	assert_false(network_has(&network, &local));
}

static void what_is_none_is_refused(void **state)
{
	static const struct {
		const char *text;
		enum network_read why;
	} rows[] = {
		{ "", NETWORK_NO_ADDRESS },
		{ "/8", NETWORK_NO_ADDRESS },
		{ "localhost", NETWORK_NO_ADDRESS },
		{ "10.0.0", NETWORK_NO_ADDRESS },
		{ "10.0.0.0 /8", NETWORK_NO_ADDRESS },
		{ "[::1]", NETWORK_NO_ADDRESS },
		{ "UNIX", NETWORK_NO_ADDRESS },
		{ "unix/8", NETWORK_NO_ADDRESS },
		{ "0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000",
		  NETWORK_NO_ADDRESS },
		{ "10.0.0.0/", NETWORK_BAD_BITS },
		{ "10.0.0.0/33", NETWORK_BAD_BITS },
		{ "10.0.0.0/08", NETWORK_BAD_BITS },
		{ "10.0.0.0/-1", NETWORK_BAD_BITS },
		{ "10.0.0.0/8 ", NETWORK_BAD_BITS },
		{ "10.0.0.0/255.0.0.0", NETWORK_BAD_BITS },
		{ "::/129", NETWORK_BAD_BITS },
		{ "::/4294967296", NETWORK_BAD_BITS },
		{ "10.0.0.1/8", NETWORK_HOST_BITS },
		{ "10.0.0.1/31", NETWORK_HOST_BITS },
		{ "2001:db8::1/64", NETWORK_HOST_BITS },
		{ "10.0.0.0/0", NETWORK_HOST_BITS },
	};
	struct network network;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_int_equal(network_read(rows[i].text, &network),
		                 rows[i].why);
}

static bool is_everybody(const char *text)
{
	struct network network;

	assert_int_equal(network_read(text, &network), NETWORK_READ);
	return network_is_everybody(&network);
}

static void everybody_is_all_of_a_family(void **state)
{
	(void)state;
	assert_true(is_everybody("0.0.0.0/0"));
	assert_true(is_everybody("::/0"));
	assert_true(is_everybody("::ffff:0:0/96"));
	assert_false(is_everybody("0.0.0.0/1"));
	assert_false(is_everybody("::/96"));
	assert_false(is_everybody("0.0.0.0"));
	assert_false(is_everybody("unix"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_network_has_what_begins_alike),
		cmocka_unit_test(an_address_alone_is_itself),
		cmocka_unit_test(ipv4_inside_ipv6_is_ipv4),
		cmocka_unit_test(a_unix_socket_is_a_network_of_its_own),
		cmocka_unit_test(what_is_none_is_refused),
		cmocka_unit_test(everybody_is_all_of_a_family),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
