/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What new handshakes of a listener get to see, while others go on with what
 * they began with.
 *
 * lws has one context for a listener and no way to change its certificate from
 * one sort of key to another. So each handshake is led from there to one of
 * ours as soon as its hello has come, before anything in it is answered or
 * taken for granted: by the name that it asks for [RFC 6066 3], named or not.
 */
#pragma once

#include <stdbool.h>

#include "base/attribute.h"
#include "tls/contexts.h"
#include "tls/failure.h"
#include "tls/listener.h"
#include "tls/tickets.h"

struct tls_current {
	const struct tls_listener *listener; /* of the first contexts */
	struct tls_tickets tickets;          /* of all contexts */
	struct tls_contexts *shown;
	struct tls_contexts *next;    /* prepared, not shown yet */
	struct tls_failure *arriving; /* of the next connection; or NULL */
};

/*
 * Sets up lws's context to lead to those of `listener`, which is set as
 * `tickets` are. False with a log line.
 */
bool tls_current_init(struct tls_current *current,
                      struct ssl_ctx_st *first) MUST_CHECK;
void tls_current_finish(struct tls_current *current);

/*
 * The connection that begins its handshake now: why it fails is noted in
 * `failure`, which has to live as long as the connection.
 */
void tls_current_await(struct tls_current *current,
                       struct tls_failure *failure);

/*
 * Makes the next contexts from `listener`, borrowed for as long as they are
 * shown; false with a log line.
 */
bool tls_current_prepare(struct tls_current *current,
                         const struct tls_listener *listener) MUST_CHECK;

/* The next ones are to be shown, or they are not; nothing, if there are none.
 */
void tls_current_adopt(struct tls_current *current);
void tls_current_forget(struct tls_current *current);
