/* SPDX-License-Identifier: Apache-2.0 */
/* Version 2 of the header: a block of octets, with values of a type in it. */
#pragma once

#include "proxy/header.h"

#define PROXY_HEADER_V2_START_BYTES 12

extern const uint8_t proxy_header_v2_start[PROXY_HEADER_V2_START_BYTES];

/* `in` begins with proxy_header_v2_start. */
enum proxy_header_seen
proxy_header_v2_read(struct slice in, struct proxy_header *header) MUST_CHECK;

/* The ends are both IPv4 or both IPv6; without them the block says LOCAL. */
size_t proxy_header_v2_write(const struct sockaddr_storage *source,
                             const struct sockaddr_storage *destination,
                             uint8_t out[static PROXY_HEADER_BYTES_OURS]);
