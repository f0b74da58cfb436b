/* SPDX-License-Identifier: Apache-2.0 */
#include "proxy/header.h"

#include <netinet/in.h>
#include <stdbool.h>
#include <string.h>

#include "proxy/header_v1.h"
#include "proxy/header_v2.h"

/* Whether `in` is the begin of `whole`, or begins with it. */
static bool agrees(struct slice in, struct slice whole)
{
	size_t len = in.len < whole.len ? in.len : whole.len;

	return len == 0 || memcmp(in.data, whole.data, len) == 0;
}

enum proxy_header_seen proxy_header_read(struct slice in,
                                         struct proxy_header *header)
{
	struct slice v1 = slice_from_text(PROXY_HEADER_V1_START);
	struct slice v2 = { proxy_header_v2_start,
		            sizeof proxy_header_v2_start };

	if (agrees(in, v1))
		return in.len < v1.len ? PROXY_HEADER_MORE
		                       : proxy_header_v1_read(in, header);
	if (agrees(in, v2))
		return in.len < v2.len ? PROXY_HEADER_MORE
		                       : proxy_header_v2_read(in, header);
	return PROXY_HEADER_WRONG;
}

#define IPV4_AT 12 /* where an IPv4 address stands in a mapped one */

static bool is_inet(const struct sockaddr_storage *end)
{
	return end->ss_family == AF_INET || end->ss_family == AF_INET6;
}

/* An IPv4 address inside IPv6 as what it is. */
static struct sockaddr_storage unmapped(const struct sockaddr_storage *end)
{
	const struct sockaddr_in6 *in6 = (const void *)end;
	struct sockaddr_storage unmapped = { .ss_family = AF_INET };
	struct sockaddr_in *in = (void *)&unmapped;

	if (end->ss_family != AF_INET6 ||
	    !IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr))
		return *end;
	memcpy(&in->sin_addr, in6->sin6_addr.s6_addr + IPV4_AT,
	       sizeof in->sin_addr);
	in->sin_port = in6->sin6_port;
	return unmapped;
}

static struct sockaddr_storage mapped(const struct sockaddr_storage *end)
{
	const struct sockaddr_in *in = (const void *)end;
	struct sockaddr_storage mapped = { .ss_family = AF_INET6 };
	struct sockaddr_in6 *in6 = (void *)&mapped;

	if (end->ss_family == AF_INET6)
		return *end;
	in6->sin6_addr.s6_addr[10] = 0xff;
	in6->sin6_addr.s6_addr[11] = 0xff;
	memcpy(in6->sin6_addr.s6_addr + IPV4_AT, &in->sin_addr,
	       sizeof in->sin_addr);
	in6->sin6_port = in->sin_port;
	return mapped;
}

static size_t write_as(enum proxy_header_version version,
                       const struct sockaddr_storage *source,
                       const struct sockaddr_storage *destination, uint8_t *out)
{
	switch (version) {
	case PROXY_HEADER_V1:
		return proxy_header_v1_write(source, destination, out);
	case PROXY_HEADER_V2:
		return proxy_header_v2_write(source, destination, out);
	case PROXY_HEADER_NONE:
	default:
		return 0;
	}
}

size_t proxy_header_write(enum proxy_header_version version,
                          const struct sockaddr_storage *source,
                          const struct sockaddr_storage *destination,
                          uint8_t out[static PROXY_HEADER_BYTES_OURS])
{
	struct sockaddr_storage from = unmapped(source);
	struct sockaddr_storage to = unmapped(destination);

	if (!is_inet(&from))
		return write_as(version, NULL, NULL, out);
	if (!is_inet(&to))
		to = (struct sockaddr_storage){ .ss_family = from.ss_family };
	if (from.ss_family != to.ss_family) {
		from = mapped(&from);
		to = mapped(&to);
	}
	return write_as(version, &from, &to, out);
}
