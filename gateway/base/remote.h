/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who somebody is for the limits by address: an IPv4 address or the /64 of
 * an IPv6 address, of which one machine may have as many as it likes.
 */
#pragma once

#include <stdint.h>
#include <sys/socket.h>

#define REMOTE_OCTETS 16

enum remote_kind {
	REMOTE_NONE = 0, /* no address, as behind a Unix socket: no limit */
	REMOTE_IPV4,
	REMOTE_IPV6,
};

struct remote {
	enum remote_kind kind;
	uint8_t octets[REMOTE_OCTETS]; /* 0 beyond what counts */
};

/* An IPv4 address is the same one inside IPv6 (::ffff:10.0.0.7). */
struct remote remote_of(const struct sockaddr_storage *address);
