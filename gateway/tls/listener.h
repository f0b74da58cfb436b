/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a listener shows to browsers: its certificate, read and checked once
 * by the master, and the rules of the handshake: TLS 1.2 or later, six AEAD
 * suites, no renegotiation, no early data.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attribute.h"
#include "config/config.h"
#include "tls/facts.h"
#include "tls/stamp.h"

struct ssl_ctx_st; /* OpenSSL's SSL_CTX */
struct ssl_st;     /* and SSL */
struct tls_listener;
struct tls_tickets;

/*
 * Reads certificate and key of `config`. Adds what is wrong to `problems`;
 * NULL when an error was among it.
 */
struct tls_listener *
tls_listener_create(const struct config_listener_tls *config,
                    struct problems *problems);
void tls_listener_destroy(struct tls_listener *listener);

/* The stamps of its files, as they were read. */
struct tls_stamps {
	struct tls_stamp certificate;
	struct tls_stamp key;
};

struct tls_stamps tls_listener_stamps(const struct tls_listener *listener);

/* A number that two listeners share whose certificate and key are the same. */
uint64_t tls_listener_print(const struct tls_listener *listener);

/* How many certificates it shows, and what each of them says. */
size_t tls_listener_count(const struct tls_listener *listener);
struct tls_facts tls_listener_facts(const struct tls_listener *listener,
                                    size_t index);

/* The names of its certificate, separated by ", "; cut after `size`. */
void tls_listener_names(const struct tls_listener *listener, char *out,
                        size_t size);

/* When its certificate ends, in seconds of the Unix clock. */
uint64_t tls_listener_expiry(const struct tls_listener *listener);

/*
 * A number that two listeners share which demand the same of a browser: who
 * was let in by one is by the other (see tls/tickets.h).
 */
uint64_t tls_listener_demands(const struct tls_listener *listener);

/* Prepares a context; false with a log line. */
bool tls_listener_apply(const struct tls_listener *listener,
                        const struct tls_tickets *tickets,
                        struct ssl_ctx_st *context) MUST_CHECK;

/* The protocol version that `connection` speaks, or "-" when it is NULL. */
const char *tls_version(const struct ssl_st *connection);
