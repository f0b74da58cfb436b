/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a listener shows to browsers: its certificate, read and checked once
 * by the master, and the rules of the handshake: TLS 1.2 or later, six AEAD
 * suites, tickets that any worker can read, no renegotiation, no early data.
 */
#pragma once

#include <stdbool.h>

#include "base/attribute.h"
#include "config/config.h"

struct ssl_ctx_st; /* OpenSSL's SSL_CTX */
struct ssl_st;     /* and SSL */
struct tls_listener;

/*
 * Reads certificate and key of `config`. Adds what is wrong to `problems`;
 * NULL when an error was among it.
 */
struct tls_listener *
tls_listener_create(const struct config_listener_tls *config,
                    struct problems *problems);
void tls_listener_destroy(struct tls_listener *listener);

/* Prepares a context that lws has made; false with a log line. */
bool tls_listener_apply(const struct tls_listener *listener,
                        struct ssl_ctx_st *context) MUST_CHECK;

/* The protocol version that `connection` speaks, or "-" when it is NULL. */
const char *tls_version(const struct ssl_st *connection);
