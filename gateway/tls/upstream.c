/* SPDX-License-Identifier: Apache-2.0 */
#include "tls/upstream.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "tls/certificate.h"
#include "tls/pem.h"
#include "tls/suites.h"

#define DEPTH_MAX 10 /* authorities in a chain */
#define PRINT_FACTOR 31

struct tls_upstream {
	SSL_CTX *context;
	uint64_t print;
};

static void add_print(struct tls_upstream *upstream, const X509 *certificate)
{
	unsigned char digest[EVP_MAX_MD_SIZE] = { 0 };
	uint64_t part;

	X509_digest(certificate, EVP_sha256(), digest, NULL);
	memcpy(&part, digest, sizeof part);
	upstream->print = upstream->print * PRINT_FACTOR + part;
}

static bool set_rules(SSL_CTX *context)
{
	SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION |
	                                 SSL_OP_NO_COMPRESSION |
	                                 SSL_OP_NO_TICKET);
	SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE |
	                              SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
	                              SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_read_ahead(context, 1);
	SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_verify_depth(context, DEPTH_MAX);
	return SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1 &&
	       SSL_CTX_set_cipher_list(context, TLS_SUITES_12) == 1 &&
	       SSL_CTX_set1_groups_list(context, TLS_GROUPS) == 1;
}

static bool keep_authorities(struct tls_upstream *upstream,
                             const STACK_OF(X509) * list)
{
	X509_STORE *store = SSL_CTX_get_cert_store(upstream->context);
	bool is_kept = sk_X509_num(list) > 0;

	for (int i = 0; i < sk_X509_num(list) && is_kept; i++) {
		is_kept =
		    X509_STORE_add_cert(store, sk_X509_value(list, i)) == 1;
		add_print(upstream, sk_X509_value(list, i));
	}
	return is_kept;
}

/* Whoever stands in the file is trusted, be he no root of a chain. */
static bool trust_file(struct tls_upstream *upstream,
                       const struct config_text *name,
                       struct problems *problems)
{
	FILE *file = tls_pem_open(name, problems);
	STACK_OF(X509) *list = sk_X509_new_null();
	bool is_read = file && list && tls_pem_read_certificates(file, list) &&
	               keep_authorities(upstream, list);

	if (file && !is_read)
		problem_error(problems, name->place,
		              "\"%s\" is no PEM file of certificates: write "
		              "there whom to trust",
		              name->value);
	X509_STORE_set_flags(SSL_CTX_get_cert_store(upstream->context),
	                     X509_V_FLAG_PARTIAL_CHAIN);
	ERR_clear_error();
	sk_X509_pop_free(list, X509_free);
	if (file)
		fclose(file);
	return is_read;
}

static bool trust(struct tls_upstream *upstream,
                  const struct config_upstream_tls *config,
                  struct problems *problems)
{
	if (config->ca.value)
		return trust_file(upstream, &config->ca, problems);
	if (SSL_CTX_set_default_verify_paths(upstream->context) == 1)
		return true;
	problem_error(problems, config->place,
	              "the system's store of authorities cannot be read: name "
	              "a file as ca");
	ERR_clear_error();
	return false;
}

static bool show(struct tls_upstream *upstream,
                 const struct config_upstream_tls *config,
                 struct problems *problems)
{
	struct tls_certificate own;
	bool is_set;

	if (!config->certificate.value || !config->key.value)
		return true;
	if (!tls_certificate_read(&own, &config->certificate, &config->key,
	                          problems))
		return false;
	is_set = SSL_CTX_use_cert_and_key(upstream->context, own.leaf, own.key,
	                                  own.chain, 1) == 1;
	if (!is_set)
		problem_error(problems, config->certificate.place,
		              "certificate \"%s\" cannot be used: %s",
		              config->certificate.value,
		              ERR_reason_error_string(ERR_peek_last_error()));
	ERR_clear_error();
	add_print(upstream, own.leaf);
	for (int i = 0; i < sk_X509_num(own.chain); i++)
		add_print(upstream, sk_X509_value(own.chain, i));
	tls_certificate_finish(&own);
	return is_set;
}

struct tls_upstream *
tls_upstream_create(const struct config_upstream_tls *config,
                    struct problems *problems)
{
	struct tls_upstream *upstream = calloc(1, sizeof *upstream);

	if (!upstream)
		return NULL;
	upstream->context = SSL_CTX_new(TLS_client_method());
	if (upstream->context && set_rules(upstream->context)) {
		bool has_trust = trust(upstream, config, problems);

		if (show(upstream, config, problems) && has_trust)
			return upstream;
	}
	tls_upstream_destroy(upstream);
	return NULL;
}

void tls_upstream_destroy(struct tls_upstream *upstream)
{
	if (!upstream)
		return;
	SSL_CTX_free(upstream->context);
	free(upstream);
}

SSL_CTX *tls_upstream_context(const struct tls_upstream *upstream)
{
	return upstream->context;
}

uint64_t tls_upstream_print(const struct tls_upstream *upstream)
{
	return upstream->print;
}
