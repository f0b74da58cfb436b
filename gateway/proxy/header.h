/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The line or block in front of a connection by which a proxy says for whom
 * it is (the PROXY protocol, versions 1 and 2).
 *
 * Independent of how the stream was cut. Trusts nobody: whose header counts
 * is for the caller to know.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/attribute.h"
#include "base/slice.h"

#define PROXY_HEADER_BYTES_MAX 536  /* of one that is read */
#define PROXY_HEADER_BYTES_OURS 107 /* of one that is written, at most */

enum proxy_header_seen {
	PROXY_HEADER_MORE = 0, /* good so far, not whole */
	PROXY_HEADER_WHOLE,
	PROXY_HEADER_WRONG, /* no such header, or longer than allowed */
};

struct proxy_header {
	size_t len; /* its octets; what follows is the client's */
	/* The client; AF_UNSPEC: the proxy speaks for itself, or does not know
	   (LOCAL, UNKNOWN), and the socket's address stays. */
	struct sockaddr_storage source;
};

/* Looks at the begin of a stream. Sets `header` on PROXY_HEADER_WHOLE. */
enum proxy_header_seen
proxy_header_read(struct slice in, struct proxy_header *header) MUST_CHECK;

enum proxy_header_version {
	PROXY_HEADER_NONE = 0,
	PROXY_HEADER_V1,
	PROXY_HEADER_V2,
};

/*
 * Writes one for a connection from `source` to `destination`; gives its
 * length. A source that is neither IPv4 nor IPv6 is told as unknown; a
 * destination that is neither is told as zeros, and where the two differ both
 * are told as IPv6.
 */
size_t proxy_header_write(enum proxy_header_version version,
                          const struct sockaddr_storage *source,
                          const struct sockaddr_storage *destination,
                          uint8_t out[static PROXY_HEADER_BYTES_OURS]);
