/* SPDX-License-Identifier: Apache-2.0 */
#include "base/remote.h"

#include <netinet/in.h>
#include <string.h>

#define IPV4_OCTETS 4
#define MAPPED_AT 12 /* where the IPv4 address stands in a mapped one */
#define PREFIX_OCTETS 8

static struct remote remote_from(enum remote_kind kind, const void *octets,
                                 size_t count)
{
	struct remote remote = { .kind = kind };

	memcpy(remote.octets, octets, count);
	return remote;
}

static struct remote of_ipv6(const struct in6_addr *address)
{
	if (IN6_IS_ADDR_V4MAPPED(address))
		return remote_from(REMOTE_IPV4, address->s6_addr + MAPPED_AT,
		                   IPV4_OCTETS);
	return remote_from(REMOTE_IPV6, address->s6_addr, PREFIX_OCTETS);
}

struct remote remote_of(const struct sockaddr_storage *address)
{
	const struct sockaddr_in *in = (const void *)address;
	const struct sockaddr_in6 *in6 = (const void *)address;

	if (address->ss_family == AF_INET)
		return remote_from(REMOTE_IPV4, &in->sin_addr, IPV4_OCTETS);
	if (address->ss_family == AF_INET6)
		return of_ipv6(&in6->sin6_addr);
	return (struct remote){ .kind = REMOTE_NONE };
}
