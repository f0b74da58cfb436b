/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a connection waits for its PROXY header, when its listener asks for
 * one: before TLS, before HTTP, before any limit by address.
 *
 * Only a trusted proxy may wait. What is no such header, or does not come in
 * time, ends the connection; not an octet after the header is read.
 */
#pragma once

#include <stddef.h>
#include <sys/socket.h>

struct front_room;
struct listener;

/*
 * Takes `fd`, accepted from `address`; it goes on with listener_take, from
 * the client's address, or is closed.
 */
void gate_open(struct listener *listener, int fd,
               const struct sockaddr_storage *address);

/* Closes all that wait; run the loop out after it. */
void gate_close_all(struct front_room *room);
