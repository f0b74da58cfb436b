/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What new handshakes of a listener get to see, while others go on with what
 * they began with.
 *
 * lws has one context for a listener and no way to change its certificate from
 * one sort of key to another. So each handshake, named host or not, is led
 * to the current context when its first message has come [RFC 6066 3].
 */
#pragma once

#include <stdbool.h>

#include "base/attribute.h"
#include "tls/listener.h"
#include "tls/tickets.h"

struct tls_current {
	const struct tls_listener *listener; /* of the first context */
	struct tls_tickets tickets;          /* of all its contexts */
	struct ssl_ctx_st *first;            /* lws's; NULL: no TLS */
	struct ssl_ctx_st *context;          /* ours; NULL: the first */
	struct ssl_ctx_st *next;             /* prepared, not shown yet */
	uint64_t next_demands;               /* of who comes to the next one */
};

/*
 * Sets up lws's context to show `listener`, which is set as `tickets` are, and
 * to lead to the current one. False with a log line.
 */
bool tls_current_init(struct tls_current *current,
                      struct ssl_ctx_st *first) MUST_CHECK;
void tls_current_finish(struct tls_current *current);

/* Makes the next context from `listener`; false with a log line. */
bool tls_current_prepare(struct tls_current *current,
                         const struct tls_listener *listener) MUST_CHECK;

/* The next one is to be shown, or it is not; nothing, if there is none. */
void tls_current_adopt(struct tls_current *current);
void tls_current_forget(struct tls_current *current);
