/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A worker's part in changing certificates while it serves: reads what the
 * master has found good, prepares it, and shows it when all could.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/attribute.h"
#include "front/server.h"
#include "process/channel.h"
#include "process/snapshot.h"

/* Sockets of the server and the listeners they belong to. */
struct renewal {
	const struct snapshot *snapshot;
	struct server *server;
	const size_t *listeners; /* of each socket */
	size_t socket_count;
	struct tls_listener **shown; /* by listener; what has come since */
	struct tls_listener **next;
};

/* Borrows all; false: no memory. */
bool renewal_init(struct renewal *renewal, const struct snapshot *snapshot,
                  struct server *server, const size_t *listeners,
                  size_t socket_count) MUST_CHECK;
void renewal_finish(struct renewal *renewal);

/* False, with a log line, when the files are not, or no more, what it says. */
bool renewal_prepare(struct renewal *renewal,
                     const struct channel_renewal *asked) MUST_CHECK;
void renewal_end(struct renewal *renewal, bool is_adopted);

/* What `listener` shows; NULL: it has no TLS. */
const struct tls_listener *renewal_shown(const struct renewal *renewal,
                                         size_t listener);
