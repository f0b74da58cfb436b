/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TLS over a socket that is connected: the handshake, within a time limit,
 * and the look at the server's certificate. Never goes on without it.
 */
#pragma once

#include <stdint.h>
#include <uv.h>

#include "upstream/cable.h"

struct seal;
struct ssl_ctx_st; /* OpenSSL's SSL_CTX */

/*
 * `cable` is the owner's now; or its fd is -1, with `why` in words, good for
 * this call. The seal is gone with it.
 */
typedef void seal_done(void *owner, struct cable cable, const char *why);

struct seal_with {
	struct ssl_ctx_st *context; /* whom to trust, what to show */
	const char *server_name;    /* the name or address to be certified */
	uint64_t limit_ms;
};

/*
 * Begins, and takes `fd`; `done` is called once, never from inside this call.
 * NULL, and no call, when there is no memory: `fd` is closed then.
 */
struct seal *seal_open(uv_loop_t *loop, int fd, const struct seal_with *with,
                       seal_done *done, void *owner);

/* Gives up; `done` is not called. Accepts NULL. */
void seal_cancel(struct seal *seal);
