/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Why a handshake has failed, in OpenSSL's words: what was wrong with what
 * came, with the certificate of the client, or what the client says was wrong
 * with ours.
 */
#pragma once

#include <stddef.h>

struct ssl_st; /* OpenSSL's SSL */

enum tls_failure_source {
	TLS_FAILURE_NONE = 0, /* nothing failed, or nothing ever came */
	TLS_FAILURE_OURS,
	TLS_FAILURE_CERTIFICATE, /* of the client */
	TLS_FAILURE_UNWILLING,   /* it left when it was asked for one */
	TLS_FAILURE_THEIRS,      /* an alert of the client */
};

struct tls_failure {
	enum tls_failure_source source;
	const char *why; /* of OpenSSL, for good */
};

/* Writes the reason, for the log; cut off after `size`. */
void tls_failure_text(const struct tls_failure *failure, char *out,
                      size_t size);

/*
 * Has what happens to `connection` noted in `failure`, which has to live as
 * long.
 */
void tls_failure_watch(struct ssl_st *connection, struct tls_failure *failure);

/* What OpenSSL then calls at each step [SSL_set_info_callback]. */
void tls_failure_on_step(const struct ssl_st *connection, int where, int value);
