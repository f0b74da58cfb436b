/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who a client is by its certificate, which the handshake has verified: its
 * one common name, else the whole subject as text [RFC 2253].
 *
 * No user is made of a name that is longer than 256 octets, or has a control
 * character in it: such a certificate is of no use here.
 */
#pragma once

#include "base/attribute.h"

struct X509_name_st; /* OpenSSL's X509_NAME */
struct ssl_st;       /* and SSL */

enum tls_subject {
	TLS_SUBJECT_NONE = 0, /* it has shown no certificate */
	TLS_SUBJECT_USER,     /* *user, to be freed, is who it is */
	TLS_SUBJECT_UNUSABLE, /* no user can be made of its subject */
	TLS_SUBJECT_OVER,     /* valid at first, expired before it came back */
	TLS_SUBJECT_MEMORY,
};

/* `connection` is one past its handshake, or NULL: without TLS. */
enum tls_subject tls_subject_read(const struct ssl_st *connection,
                                  char **user) MUST_CHECK;

/* What it says of `name` alone: one of USER, UNUSABLE, MEMORY. */
enum tls_subject tls_subject_of(const struct X509_name_st *name,
                                char **user) MUST_CHECK;

/* What is wrong with one that is neither of the first two; for the log. */
const char *tls_subject_fault(enum tls_subject subject);
