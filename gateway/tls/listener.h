/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a listener shows to browsers: its certificates, read and checked once
 * by the master, and the rules of the handshake: TLS 1.2 or later, six AEAD
 * suites, no renegotiation, no early data; and whom it lets in by a certificate
 * of theirs.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attribute.h"
#include "base/slice.h"
#include "config/config.h"
#include "tls/facts.h"
#include "tls/stamp.h"

struct ssl_ctx_st; /* OpenSSL's SSL_CTX */
struct ssl_st;     /* and SSL */
struct tls_listener;
struct tls_tickets;

/*
 * Reads the files that `config` names. Adds what is wrong to `problems`; NULL
 * when an error was among it.
 */
struct tls_listener *
tls_listener_create(const struct config_listener_tls *config,
                    struct problems *problems);
void tls_listener_destroy(struct tls_listener *listener);

/* The stamps of its files (tls/files.h), as they were read. */
struct tls_stamps tls_listener_stamps(const struct tls_listener *listener);

/* A number that two listeners share whose files hold the same. */
uint64_t tls_listener_print(const struct tls_listener *listener);

/* When the first of its certificates ends, in seconds of the Unix clock. */
uint64_t tls_listener_expiry(const struct tls_listener *listener);

/* How many certificates it shows, one at least; what each says of itself. */
size_t tls_listener_count(const struct tls_listener *listener);
struct tls_facts tls_listener_facts(const struct tls_listener *listener,
                                    size_t index);

/*
 * A number that two listeners share which demand the same of a browser: who
 * was let in by one is by the other (see tls/tickets.h).
 */
uint64_t tls_listener_demands(const struct tls_listener *listener);

/*
 * The certificate for a browser that asks for `host`: one that has this name,
 * else one that has it by a "*.", else the first.
 */
size_t tls_listener_find(const struct tls_listener *listener,
                         struct slice host);

/*
 * Prepares a context that shows that certificate, and those that go with it;
 * false with a log line.
 */
bool tls_listener_apply(const struct tls_listener *listener, size_t certificate,
                        const struct tls_tickets *tickets,
                        struct ssl_ctx_st *context) MUST_CHECK;

/* The protocol version that `connection` speaks, or "-" when it is NULL. */
const char *tls_version(const struct ssl_st *connection);
