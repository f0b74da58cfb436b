/* SPDX-License-Identifier: Apache-2.0 */
#include "tls/listener.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "base/log.h"
#include "tls/certificate.h"
#include "tls/tickets.h"

static const char suites_12[] = "ECDHE-ECDSA-AES128-GCM-SHA256:"
                                "ECDHE-RSA-AES128-GCM-SHA256:"
                                "ECDHE-ECDSA-AES256-GCM-SHA384:"
                                "ECDHE-RSA-AES256-GCM-SHA384:"
                                "ECDHE-ECDSA-CHACHA20-POLY1305:"
                                "ECDHE-RSA-CHACHA20-POLY1305";
static const char groups[] = "X25519:P-256:P-384";

struct tls_listener {
	struct tls_certificate certificate;
};

struct tls_listener *
tls_listener_create(const struct config_listener_tls *config,
                    struct problems *problems)
{
	struct tls_listener *listener = calloc(1, sizeof *listener);

	if (!listener)
		return NULL;
	if (tls_certificate_read(&listener->certificate, &config->certificate,
	                         &config->key, problems))
		return listener;
	tls_listener_destroy(listener);
	return NULL;
}

struct tls_stamps tls_listener_stamps(const struct tls_listener *listener)
{
	return (struct tls_stamps){ listener->certificate.certificate_stamp,
		                    listener->certificate.key_stamp };
}

/* The key is told by its certificate: they are a pair. */
uint64_t tls_listener_print(const struct tls_listener *listener)
{
	unsigned char digest[EVP_MAX_MD_SIZE] = { 0 };
	uint64_t print = 0;
	uint64_t part;
	const STACK_OF(X509) *chain = listener->certificate.chain;

	X509_digest(listener->certificate.leaf, EVP_sha256(), digest, NULL);
	memcpy(&print, digest, sizeof print);
	for (int i = 0; i < sk_X509_num(chain); i++) {
		X509_digest(sk_X509_value(chain, i), EVP_sha256(), digest,
		            NULL);
		memcpy(&part, digest, sizeof part);
		print = print * 31 + part;
	}
	return print;
}

size_t tls_listener_count(const struct tls_listener *listener)
{
	(void)listener;
	return 1;
}

struct tls_facts tls_listener_facts(const struct tls_listener *listener,
                                    size_t index)
{
	(void)index;
	return tls_facts_of(&listener->certificate);
}

void tls_listener_names(const struct tls_listener *listener, char *out,
                        size_t size)
{
	tls_certificate_names(&listener->certificate, out, size);
}

uint64_t tls_listener_expiry(const struct tls_listener *listener)
{
	return tls_facts_of(&listener->certificate).end_s;
}

/* It takes whoever comes. */
uint64_t tls_listener_demands(const struct tls_listener *listener)
{
	(void)listener;
	return 0;
}

void tls_listener_destroy(struct tls_listener *listener)
{
	if (!listener)
		return;
	tls_certificate_finish(&listener->certificate);
	free(listener);
}

static bool set_protocol(SSL_CTX *context)
{
	SSL_CTX_set_options(context,
	                    SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
	return SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1 &&
	       SSL_CTX_set_cipher_list(context, suites_12) == 1 &&
	       SSL_CTX_set1_groups_list(context, groups) == 1 &&
	       SSL_CTX_set_max_early_data(context, 0) == 1;
}

static bool set_certificate(SSL_CTX *context,
                            const struct tls_certificate *certificate)
{
	return SSL_CTX_use_cert_and_key(context, certificate->leaf,
	                                certificate->key, certificate->chain,
	                                1) == 1;
}

bool tls_listener_apply(const struct tls_listener *listener,
                        const struct tls_tickets *tickets, SSL_CTX *context)
{
	tls_tickets_set_scope(tickets, tls_listener_demands(listener), context);
	if (set_protocol(context) && tls_tickets_apply(tickets, context) &&
	    set_certificate(context, &listener->certificate))
		return true;
	log_error("TLS could not be set up",
	          LOG_FIELDS(log_text(
	              "why", ERR_reason_error_string(ERR_get_error()))));
	return false;
}

const char *tls_version(const SSL *connection)
{
	return connection ? SSL_get_version(connection) : "-";
}
