/* SPDX-License-Identifier: Apache-2.0 */
/* Version 1 of the header: a line of text. */
#pragma once

#include "proxy/header.h"

#define PROXY_HEADER_V1_START "PROXY "

/* `in` begins with PROXY_HEADER_V1_START. */
enum proxy_header_seen
proxy_header_v1_read(struct slice in, struct proxy_header *header) MUST_CHECK;

/* The ends are both IPv4 or both IPv6; without them the line says UNKNOWN. */
size_t proxy_header_v1_write(const struct sockaddr_storage *source,
                             const struct sockaddr_storage *destination,
                             uint8_t out[static PROXY_HEADER_BYTES_OURS]);
