/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TLS as a browser does it: which authorities are trusted, which name is
 * wanted, what is offered.
 *
 * The certificate is always verified. What is wrong with it does not end the
 * handshake but is kept, so that all of it can be told; nothing is to be sent
 * after that.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <openssl/types.h>

#include "base/attribute.h"
#include "doctor/url.h"
#include "doctor/wire.h"

#define SECURE_FAULTS 8 /* further ones are not kept */

struct secure_fault {
	int code;         /* X509_V_ERR_... */
	int depth;        /* 0: the server's own certificate */
	char issuer[256]; /* of the certificate there; escaped */
};

struct secure {
	SSL_CTX *context;
	const struct url *url;
	struct secure_fault faults[SECURE_FAULTS];
	size_t fault_count;
};

/*
 * Trusts what the system trusts, and `ca_file` unless that is NULL. Borrows
 * `url`. False: the file holds no certificate, or there is no memory.
 */
MUST_CHECK bool secure_init(struct secure *secure, const struct url *url,
                            const char *ca_file);
void secure_finish(struct secure *secure);

/* The handshake on a plain wire; what is wrong with the certificate is then in
 * `faults`. */
MUST_CHECK enum wire_end secure_open(struct secure *secure, struct wire *wire);
