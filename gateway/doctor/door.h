/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A TCP connection to one address.
 */
#pragma once

#include <netinet/in.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/attribute.h"

#define DOOR_NAME_BYTES (INET6_ADDRSTRLEN + 8)

enum door_end {
	DOOR_OPEN = 0,
	DOOR_REFUSED,     /* nobody listens there, or a firewall says no */
	DOOR_LATE,        /* no answer at all */
	DOOR_UNREACHABLE, /* the network knows no way */
	DOOR_FAILED,      /* for want of something here */
};

/* Gives a socket that never blocks, which the caller closes. */
MUST_CHECK enum door_end door_open(const struct sockaddr_storage *address,
                                   uint64_t deadline_us, int *fd);

/* Writes the address without and with its port, IPv6 then in brackets. */
void door_address(const struct sockaddr_storage *address,
                  char name[DOOR_NAME_BYTES]);
void door_name(const struct sockaddr_storage *address,
               char name[DOOR_NAME_BYTES]);
