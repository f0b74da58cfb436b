/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Listening sockets that a service manager has opened for us and left in our
 * descriptors (LISTEN_FDS, sd_listen_fds(3)).
 *
 * One that a listener is configured for is used instead of one of our own, by
 * all workers together. They stay open here as long as the process lives, so
 * that each configuration can have them again.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

#include "base/attribute.h"
#include "config/config.h"

struct inherited_socket {
	int fd; /* the table's own */
	struct sockaddr_storage address;
	char name[128]; /* ADDRESS:PORT or unix:PATH */
};

#define INHERITED_MOST 64 /* more are a mistake */

struct inherited {
	struct inherited_socket list[INHERITED_MOST];
	size_t count;
};

/*
 * Takes what is there, at the start of the process and before any descriptor
 * is opened, and clears the environment of it. False, with a log line that
 * says what to do, when something is no listening stream socket.
 */
bool inherited_take(struct inherited *inherited) MUST_CHECK;

/*
 * Whether each has a listener in `config`, or is its admin.listen; false, with
 * a log line for each that has none. To be asked before sockets are opened.
 */
bool inherited_fits(const struct inherited *inherited,
                    const struct config *config) MUST_CHECK;

/*
 * The inherited socket for `listener`, or for admin.listen, to be duplicated
 * by who uses it. NULL: there is none, open one.
 */
const struct inherited_socket *
inherited_find(const struct inherited *inherited,
               const struct config_listener *listener);
const struct inherited_socket *
inherited_find_admin(const struct inherited *inherited,
                     const struct config_admin *admin);

/* Closes them; in a worker too, after the fork. */
void inherited_finish(struct inherited *inherited);
