/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A set of addresses that begin alike, as text ADDRESS/BITS [RFC 4632 3.1,
 * RFC 4291 2.3], or the set of all who come over a Unix socket.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/attribute.h"

#define NETWORK_OCTETS 16

struct network {
	bool is_unix;
	unsigned bits;                  /* of `octets` that count */
	uint8_t octets[NETWORK_OCTETS]; /* IPv4 as ::ffff:0:0/96 */
};

enum network_read {
	NETWORK_READ = 0,
	NETWORK_NO_ADDRESS, /* nor "unix" */
	NETWORK_BAD_BITS,   /* no number, or more than the address has */
	NETWORK_HOST_BITS,  /* the address has bits beyond those that count */
};

/* An address alone is a network of its own. Sets `network` on NETWORK_READ. */
enum network_read network_read(const char *text,
                               struct network *network) MUST_CHECK;

/* An IPv4 address is the same one inside IPv6 (::ffff:10.0.0.7). */
bool network_has(const struct network *network,
                 const struct sockaddr_storage *address);

/* Whether it is all of IPv4, or of IPv6. */
bool network_is_everybody(const struct network *network);
