/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Session tickets: what a browser shows at its next handshake instead of
 * having the certificate proven to it again. All that is known of a session is
 * in its ticket, so any worker can go on with it and none remembers any.
 *
 * Tickets of yesterday's key are good, and a new one is given for each. In TLS
 * 1.3 a new one is given every time, so that nobody can tell by it who comes
 * again [RFC 8446 C.4].
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/attribute.h"

struct ssl_ctx_st; /* OpenSSL's SSL_CTX */
struct ticket_keys;

/* Of a listener. */
struct tls_tickets {
	const struct ticket_keys *keys;
	const char *listener; /* its name */
};

/*
 * Has `context` give and take such tickets; borrows `keys`. What sets up its
 * sessions otherwise, or its app data, comes in the way. False: OpenSSL says
 * why.
 */
bool tls_tickets_apply(const struct tls_tickets *tickets,
                       struct ssl_ctx_st *context) MUST_CHECK;

/*
 * Says whose tickets `context` takes: those of the same listener that were
 * given while its `demands`, a number for what it wants to know of a browser,
 * were the same. OpenSSL goes by that of the context which a hello is led to.
 */
void tls_tickets_set_scope(const struct tls_tickets *tickets, uint64_t demands,
                           struct ssl_ctx_st *context);
