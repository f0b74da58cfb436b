/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "address.h"

struct sockaddr_storage address_of(const char *host, uint16_t port)
{
	struct sockaddr_storage address = { 0 };
	struct sockaddr_in *in = (void *)&address;
	struct sockaddr_in6 *in6 = (void *)&address;

	if (strchr(host, ':')) {
		address.ss_family = AF_INET6;
		assert_int_equal(inet_pton(AF_INET6, host, &in6->sin6_addr), 1);
		in6->sin6_port = htons(port);
	} else {
		address.ss_family = AF_INET;
		assert_int_equal(inet_pton(AF_INET, host, &in->sin_addr), 1);
		in->sin_port = htons(port);
	}
	return address;
}

struct sockaddr_storage address_unix(void)
{
	return (struct sockaddr_storage){ .ss_family = AF_UNIX };
}

void assert_address(const struct sockaddr_storage *address, const char *host,
                    uint16_t port)
{
	struct sockaddr_storage expected = address_of(host, port);

	assert_memory_equal(address, &expected, sizeof expected);
}
