/* SPDX-License-Identifier: Apache-2.0 */
#include "proxy/network.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#define IPV4_AT 12 /* where an IPv4 address stands in a mapped one */
#define MAPPED_BITS (8 * IPV4_AT)
#define ALL_BITS (8 * NETWORK_OCTETS)

static const uint8_t mapped[IPV4_AT] = { [10] = 0xff, [11] = 0xff };

/* What stands in front of the address itself; -1: it is none. */
static int read_address(const char *text, size_t len, uint8_t *octets)
{
	char copy[INET6_ADDRSTRLEN] = { 0 };

	if (len >= sizeof copy)
		return -1;
	memcpy(copy, text, len);
	if (inet_pton(AF_INET6, copy, octets) == 1)
		return 0;
	memcpy(octets, mapped, sizeof mapped);
	return inet_pton(AF_INET, copy, octets + IPV4_AT) == 1 ? MAPPED_BITS
	                                                       : -1;
}

/* Without blanks, sign and leading zeros. */
static bool read_bits(const char *text, unsigned most, unsigned *bits)
{
	size_t len = strspn(text, "0123456789");

	if (len == 0 || len > 3 || text[len] != '\0' ||
	    (text[0] == '0' && len > 1))
		return false;
	*bits = (unsigned)strtoul(text, NULL, 10);
	return *bits <= most;
}

static bool is_bit_set(const uint8_t *octets, unsigned bit)
{
	return (octets[bit / 8] >> (7 - bit % 8) & 1) != 0;
}

static bool has_host_bits(const struct network *network)
{
	for (unsigned bit = network->bits; bit < ALL_BITS; bit++) {
		if (is_bit_set(network->octets, bit))
			return true;
	}
	return false;
}

enum network_read network_read(const char *text, struct network *network)
{
	struct network read = { .is_unix = strcmp(text, "unix") == 0 };
	size_t len = strcspn(text, "/");
	unsigned bits = 0;
	int before = 0;

	if (!read.is_unix) {
		before = read_address(text, len, read.octets);
		if (before < 0)
			return NETWORK_NO_ADDRESS;
		read.bits = ALL_BITS;
	}
	if (!read.is_unix && text[len] == '/') {
		if (!read_bits(text + len + 1, ALL_BITS - (unsigned)before,
		               &bits))
			return NETWORK_BAD_BITS;
		read.bits = (unsigned)before + bits;
	}
	if (!read.is_unix && has_host_bits(&read))
		return NETWORK_HOST_BITS;
	*network = read;
	return NETWORK_READ;
}

static bool octets_of(const struct sockaddr_storage *address, uint8_t *octets)
{
	const struct sockaddr_in *in = (const void *)address;
	const struct sockaddr_in6 *in6 = (const void *)address;

	if (address->ss_family == AF_INET6) {
		memcpy(octets, &in6->sin6_addr, NETWORK_OCTETS);
		return true;
	}
	memcpy(octets, mapped, sizeof mapped);
	memcpy(octets + IPV4_AT, &in->sin_addr, sizeof in->sin_addr);
	return address->ss_family == AF_INET;
}

bool network_has(const struct network *network,
                 const struct sockaddr_storage *address)
{
	uint8_t octets[NETWORK_OCTETS];

	if (network->is_unix || address->ss_family == AF_UNIX)
		return network->is_unix && address->ss_family == AF_UNIX;
	if (!octets_of(address, octets))
		return false;
	for (unsigned bit = 0; bit < network->bits; bit++) {
		if (is_bit_set(octets, bit) != is_bit_set(network->octets, bit))
			return false;
	}
	return true;
}

bool network_is_everybody(const struct network *network)
{
	bool is_mapped = memcmp(network->octets, mapped, IPV4_AT) == 0;

	return !network->is_unix &&
	       (network->bits == 0 ||
	        (network->bits == MAPPED_BITS && is_mapped));
}
