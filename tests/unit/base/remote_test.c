/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/un.h>

#include <cmocka.h>

#include "base/remote.h"

static struct remote read_remote(const char *text)
{
	struct sockaddr_storage address = { 0 };
	struct sockaddr_in *in = (void *)&address;
	struct sockaddr_in6 *in6 = (void *)&address;

	if (strchr(text, ':')) {
		address.ss_family = AF_INET6;
		assert_int_equal(inet_pton(AF_INET6, text, &in6->sin6_addr), 1);
		in6->sin6_port = htons(4711);
	} else {
		address.ss_family = AF_INET;
		assert_int_equal(inet_pton(AF_INET, text, &in->sin_addr), 1);
		in->sin_port = htons(4711);
	}
	return remote_of(&address);
}

static bool are_same(const char *one, const char *other)
{
	struct remote a = read_remote(one);
	struct remote b = read_remote(other);

	return a.kind == b.kind &&
	       memcmp(a.octets, b.octets, sizeof a.octets) == 0;
}

static void an_ipv4_address_counts_whole(void **state)
{
	(void)state;
	assert_true(are_same("10.0.0.7", "10.0.0.7"));
	assert_false(are_same("10.0.0.7", "10.0.0.8"));
	assert_int_equal(read_remote("10.0.0.7").kind, REMOTE_IPV4);
}

static void an_ipv6_address_counts_by_64_bits(void **state)
{
	(void)state;
	assert_true(are_same("2001:db8:1:2::1", "2001:db8:1:2:f::2"));
	assert_false(are_same("2001:db8:1:2::1", "2001:db8:1:3::1"));
	assert_int_equal(read_remote("2001:db8:1:2::1").kind, REMOTE_IPV6);
}

static void an_ipv4_address_within_ipv6_is_the_same(void **state)
{
	(void)state;
	assert_true(are_same("10.0.0.7", "::ffff:10.0.0.7"));
	assert_false(are_same("::ffff:10.0.0.7", "::ffff:10.0.0.8"));
}

static void a_short_ipv4_address_is_no_ipv6_prefix(void **state)
{
	(void)state;
	assert_false(are_same("32.1.13.184", "2001:db8::1"));
}

static void a_unix_socket_has_no_address(void **state)
{
	struct sockaddr_storage address = { .ss_family = AF_UNIX };

	(void)state;
	assert_int_equal(remote_of(&address).kind, REMOTE_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_ipv4_address_counts_whole),
		cmocka_unit_test(an_ipv6_address_counts_by_64_bits),
		cmocka_unit_test(an_ipv4_address_within_ipv6_is_the_same),
		cmocka_unit_test(a_short_ipv4_address_is_no_ipv6_prefix),
		cmocka_unit_test(a_unix_socket_has_no_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
