/* SPDX-License-Identifier: Apache-2.0 */
#include "doctor/secure.h"

#include <stdio.h>

#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#define ALPN "\x08http/1.1" /* what browsers offer for a WebSocket */

static bool is_known(const struct secure *secure, int code, int depth)
{
	for (size_t i = 0; i < secure->fault_count; i++) {
		if (secure->faults[i].code == code &&
		    secure->faults[i].depth == depth)
			return true;
	}
	return false;
}

static int keep_fault(int is_fine, X509_STORE_CTX *check)
{
	SSL *tls = X509_STORE_CTX_get_ex_data(
	    check, SSL_get_ex_data_X509_STORE_CTX_idx());
	struct secure *secure = SSL_CTX_get_app_data(SSL_get_SSL_CTX(tls));
	int code = X509_STORE_CTX_get_error(check);
	int depth = X509_STORE_CTX_get_error_depth(check);
	X509 *at = X509_STORE_CTX_get_current_cert(check);

	if (is_fine || secure->fault_count == SECURE_FAULTS ||
	    is_known(secure, code, depth))
		return 1;

	struct secure_fault *fault = &secure->faults[secure->fault_count++];

	*fault = (struct secure_fault){ .code = code, .depth = depth };
	if (at)
		X509_NAME_oneline(X509_get_issuer_name(at), fault->issuer,
		                  sizeof fault->issuer);
	return 1;
}

bool secure_init(struct secure *secure, const struct url *url,
                 const char *ca_file)
{
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());

	*secure = (struct secure){ .context = context, .url = url };
	if (!context)
		return false;
	SSL_CTX_set_app_data(context, secure);
	SSL_CTX_set_verify(context, SSL_VERIFY_PEER, keep_fault);
	SSL_CTX_set_default_verify_paths(context);
	if (SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1 &&
	    SSL_CTX_set_alpn_protos(context, (const unsigned char *)ALPN,
	                            sizeof ALPN - 1) == 0 &&
	    (!ca_file || SSL_CTX_load_verify_file(context, ca_file) == 1))
		return true;
	secure_finish(secure);
	return false;
}

void secure_finish(struct secure *secure)
{
	SSL_CTX_free(secure->context);
	secure->context = NULL;
}

/* Browsers go by the alternative names only. */
static bool want_name(SSL *tls, const struct url *url)
{
	X509_VERIFY_PARAM *wanted = SSL_get0_param(tls);

	X509_VERIFY_PARAM_set_hostflags(
	    wanted, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS |
	                X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
	if (url->is_address)
		return X509_VERIFY_PARAM_set1_ip_asc(wanted, url->host) == 1;
	return X509_VERIFY_PARAM_set1_host(wanted, url->host, 0) == 1 &&
	       SSL_set_tlsext_host_name(tls, url->host) == 1;
}

enum wire_end secure_open(struct secure *secure, struct wire *wire)
{
	SSL *tls = SSL_new(secure->context);

	secure->fault_count = 0;
	if (!tls || !want_name(tls, secure->url)) {
		SSL_free(tls);
		return WIRE_BROKEN;
	}
	return wire_secure(wire, tls);
}
