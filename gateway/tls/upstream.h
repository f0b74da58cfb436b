/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TLS towards the servers of an upstream: whom to trust, what to show, and
 * the rules: TLS 1.2 or later, six AEAD suites, always a certificate that is
 * looked at, no renegotiation.
 *
 * Made by the master, shared by its workers.
 */
#pragma once

#include <stdint.h>

#include "config/config.h"

struct ssl_ctx_st; /* OpenSSL's SSL_CTX */
struct tls_upstream;

/*
 * Reads the files of `config`. Adds what is wrong to `problems`; NULL when an
 * error was among it, or there is no memory.
 */
struct tls_upstream *
tls_upstream_create(const struct config_upstream_tls *config,
                    struct problems *problems);

/* Accepts NULL. */
void tls_upstream_destroy(struct tls_upstream *upstream);

/* Lent: what each connection is made from. */
struct ssl_ctx_st *tls_upstream_context(const struct tls_upstream *upstream);

/* A number that two share whose files hold the same. */
uint64_t tls_upstream_print(const struct tls_upstream *upstream);
