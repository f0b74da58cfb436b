/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who may vouch for the clients of a listener: the authorities whose
 * certificates count, and the lists of what they have revoked. OpenSSL does
 * the checking; whatever it finds wrong ends the handshake.
 */
#pragma once

#include <stdbool.h>

#include "base/attribute.h"
#include "config/config.h"
#include "tls/stamp.h"

#define TLS_PRINT_BYTES 32

struct ssl_ctx_st; /* OpenSSL's SSL_CTX */
struct tls_authority;

/*
 * Reads client_ca and client_crl of `config`, which asks for certificates.
 * Adds what is wrong to `problems`; NULL when an error was among it.
 */
struct tls_authority *
tls_authority_create(const struct config_listener_tls *config,
                     struct problems *problems);

/* Accepts NULL. */
void tls_authority_destroy(struct tls_authority *authority);

/* Has `context` check clients against it; false: no memory. */
bool tls_authority_apply(const struct tls_authority *authority,
                         struct ssl_ctx_st *context) MUST_CHECK;

/* Octets that two share who read the same; borrowed. */
const unsigned char *tls_authority_print(const struct tls_authority *authority);

/* Adds those of its files, as they were read. */
void tls_authority_add_stamps(const struct tls_authority *authority,
                              struct tls_stamps *stamps);
