/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Binds one listening socket: non-blocking, close-on-exec, not listening yet.
 * All give a descriptor, or -1 with errno set.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "base/attribute.h"
#include "config/address.h"

/* Both fill a zeroed `address`; `path` fits (config/check_listener.h). */
void binding_set_path(struct sockaddr_storage *address, const char *path);
void binding_set_address(struct sockaddr_storage *address,
                         const struct address *from);

/* Whether two addresses, both of TCP, cannot both be somebody's. */
bool binding_overlaps(const struct sockaddr_storage *a,
                      const struct sockaddr_storage *b);

/*
 * The first socket of an address, which nobody else may have; and one more,
 * whose queue is its own (SO_REUSEPORT).
 */
int binding_tcp(const struct sockaddr_storage *address);
int binding_tcp_again(const struct sockaddr_storage *address);

/* A path that nobody answers at is taken over. */
int binding_unix(const struct sockaddr_storage *address, mode_t mode);

bool binding_listen(int fd) MUST_CHECK;
