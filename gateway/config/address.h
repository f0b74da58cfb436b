/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A numeric address to listen on, with its port.
 *
 * No names, no zones, no IPv4 in IPv6: what is written is what is bound.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/attribute.h"

struct address {
	bool is_ipv6;
	uint8_t bytes[16]; /* in network order; IPv4: the first 4, the rest 0 */
	uint16_t port;     /* 0: the text held none */
};

/* Reads `127.0.0.1` or `::1`; `false`: it is neither. */
bool address_read(const char *text, struct address *address) MUST_CHECK;

/* Reads `127.0.0.1:8083` or `[::1]:8083`; `false`: it is neither. */
bool address_read_with_port(const char *text,
                            struct address *address) MUST_CHECK;

/* Reads 1 to 65535, digits only; `false`: it is not that. */
bool address_read_port(const char *text, uint16_t *port) MUST_CHECK;

bool address_is_loopback(const struct address *address);

/* Whether both cannot be bound at once (IPv6 sockets take IPv6 only). */
bool address_overlaps(const struct address *a, const struct address *b);
