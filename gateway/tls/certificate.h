/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A certificate with its chain and its private key, read from PEM files.
 */
#pragma once

#include <stdbool.h>

#include <openssl/x509.h>

#include "base/attribute.h"
#include "config/config.h"
#include "tls/names.h"
#include "tls/stamp.h"

struct tls_certificate {
	X509 *leaf;
	STACK_OF(X509) * chain; /* issuers, as they stand in the file */
	EVP_PKEY *key;
	struct tls_names names;
	struct tls_stamp certificate_stamp; /* of the files as they were read */
	struct tls_stamp key_stamp;
};

/*
 * Reads and checks: the pair fits, the certificate is valid now, nobody else
 * may read the key. False with errors in `problems`.
 */
bool tls_certificate_read(struct tls_certificate *certificate,
                          const struct config_text *certificate_file,
                          const struct config_text *key_file,
                          struct problems *problems) MUST_CHECK;

/*
 * Whether `other` is one for clients that cannot use this one: with another
 * sort of key, and all of its names.
 */
bool tls_certificate_goes_with(const struct tls_certificate *certificate,
                               const struct tls_certificate *other);

/* Warns when browsers will find nobody named by it. */
void tls_certificate_check_names(const struct tls_certificate *certificate,
                                 const struct config_text *name,
                                 struct problems *problems);

void tls_certificate_finish(struct tls_certificate *certificate);
