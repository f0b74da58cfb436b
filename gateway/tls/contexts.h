/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a listener shows, ready for handshakes: a context of OpenSSL for each
 * of its certificates.
 */
#pragma once

#include "base/slice.h"
#include "tls/listener.h"
#include "tls/tickets.h"

struct tls_contexts;

/* Borrows `listener` for as long as it lives; NULL with a log line. */
struct tls_contexts *tls_contexts_create(const struct tls_listener *listener,
                                         const struct tls_tickets *tickets);

/* Handshakes under way keep what they have. Accepts NULL. */
void tls_contexts_destroy(struct tls_contexts *contexts);

/* For a browser that asks for `host`; empty: for none. Borrowed. */
struct ssl_ctx_st *tls_contexts_find(const struct tls_contexts *contexts,
                                     struct slice host);
