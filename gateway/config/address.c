/* SPDX-License-Identifier: Apache-2.0 */
#include "config/address.h"

#include <arpa/inet.h>
#include <stddef.h>
#include <string.h>

#define IPV4_LOOPBACK_NET 127
#define IPV4_MAPPED_PREFIX 12
#define PORT_DIGITS 5

static const uint8_t any[16];
static const uint8_t ipv6_loopback[16] = { [15] = 1 };
static const uint8_t ipv4_mapped[IPV4_MAPPED_PREFIX] = {
	[10] = 0xff, [11] = 0xff
};

bool address_read(const char *text, struct address *address)
{
	struct address found = { .is_ipv6 = strchr(text, ':') != NULL };

	if (inet_pton(found.is_ipv6 ? AF_INET6 : AF_INET, text, found.bytes) !=
	    1)
		return false;
	if (found.is_ipv6 &&
	    memcmp(found.bytes, ipv4_mapped, sizeof(ipv4_mapped)) == 0)
		return false;
	*address = found;
	return true;
}

bool address_read_port(const char *text, uint16_t *port)
{
	size_t len = strlen(text);
	uint32_t value = 0;

	if (len == 0 || len > PORT_DIGITS ||
	    strspn(text, "0123456789") != len || text[0] == '0')
		return false;
	for (size_t i = 0; i < len; i++)
		value = value * 10 + (uint32_t)(text[i] - '0');
	if (value > UINT16_MAX)
		return false;
	*port = (uint16_t)value;
	return true;
}

/* Copies [from, to) into `text` as a C string; `false`: it does not fit. */
static bool cut(char *text, size_t size, const char *from, const char *to)
{
	size_t len = (size_t)(to - from);

	if (len >= size)
		return false;
	memcpy(text, from, len);
	text[len] = '\0';
	return true;
}

bool address_read_with_port(const char *text, struct address *address)
{
	char host[INET6_ADDRSTRLEN];
	const char *colon = strrchr(text, ':');
	bool is_bracketed = text[0] == '[';
	struct address found;
	uint16_t port;

	if (colon == NULL || !address_read_port(colon + 1, &port))
		return false;
	if (is_bracketed && (colon - text < 2 || colon[-1] != ']'))
		return false;
	if (!cut(host, sizeof(host), text + is_bracketed,
	         colon - is_bracketed) ||
	    !address_read(host, &found) || found.is_ipv6 != is_bracketed)
		return false;
	found.port = port;
	*address = found;
	return true;
}

bool address_is_loopback(const struct address *address)
{
	if (!address->is_ipv6)
		return address->bytes[0] == IPV4_LOOPBACK_NET;
	return memcmp(address->bytes, ipv6_loopback, sizeof(any)) == 0;
}

bool address_overlaps(const struct address *a, const struct address *b)
{
	size_t size = sizeof(any);

	if (a->is_ipv6 != b->is_ipv6 || a->port != b->port)
		return false;
	return memcmp(a->bytes, b->bytes, size) == 0 ||
	       memcmp(a->bytes, any, size) == 0 ||
	       memcmp(b->bytes, any, size) == 0;
}
