/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses as tests write and compare them: as text. */
#pragma once

#include <stdint.h>
#include <sys/socket.h>

/* Of an IPv4 or IPv6 address; asserts that it is one. */
struct sockaddr_storage address_of(const char *host, uint16_t port);

struct sockaddr_storage address_unix(void);

/* The address is this one, with this port. */
void assert_address(const struct sockaddr_storage *address, const char *host,
                    uint16_t port);
