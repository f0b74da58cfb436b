/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is set on the sockets of both banks.
 *
 * The kernel is part of the back-pressure: of a stalled session it may hold
 * SOCKET_UNSENT_BYTES in the socket that does not take any more, and about
 * as much in the socket that is not read meanwhile. What is in flight on the
 * wire is not limited by this, so a long line stays as fast as it is.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/attribute.h"

#define SOCKET_CHUNK_BYTES 65536 /* one read, one frame */
#define SOCKET_UNSENT_BYTES 98304
#define SOCKET_RECEIVE_BYTES 65536 /* the kernel doubles it */
#define SOCKET_TEXT_BYTES 64       /* room for what socket_text writes */

/*
 * No delay, bounded buffers; what it accepts inherits them from a listening
 * socket. A socket that is no TCP is left as it is.
 */
void socket_tune(int fd);

/*
 * Acknowledges at once what was just read: the other side holds small writes
 * back until then, and cannot be told not to. Good until the next read.
 */
void socket_acknowledge(int fd);

/* Has the kernel find a dead other side within half a minute. */
void socket_keep_alive(int fd);

/* ADDRESS; false: it is neither IPv4 nor IPv6. */
bool socket_host_text(const struct sockaddr_storage *address, char *text,
                      size_t size) MUST_CHECK;

/* ADDRESS:PORT, [ADDRESS]:PORT or unix:PATH, cut to fit; a port 0 is none. */
void socket_text(const struct sockaddr_storage *address, char *text,
                 size_t size);

/* Its own end and the other end of `fd`, as text. */
void socket_local_text(int fd, char *text, size_t size);
void socket_remote_text(int fd, char *text, size_t size);

/* Whether the other side has reset it, unread bytes or not. */
bool socket_is_reset(int fd);

/* Bytes written to `fd` that the other side has not acknowledged; 0 if none. */
size_t socket_outstanding(int fd);
