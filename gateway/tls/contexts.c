/* SPDX-License-Identifier: Apache-2.0 */
#include "tls/contexts.h"

#include <stdlib.h>

#include <openssl/ssl.h>

struct tls_contexts {
	const struct tls_listener *listener;
	size_t count;
	SSL_CTX *list[]; /* by certificate */
};

/* [RFC 7301 3.1] a length before each name */
static const unsigned char protocols[] = "\x08http/1.1";

/* As lws does it in its own context. */
static int choose_protocol(SSL *ssl, const unsigned char **out,
                           unsigned char *out_len, const unsigned char *in,
                           unsigned in_len, void *unused)
{
	unsigned char *chosen;

	(void)ssl;
	(void)unused;
	if (SSL_select_next_proto(&chosen, out_len, protocols,
	                          sizeof protocols - 1, in,
	                          in_len) != OPENSSL_NPN_NEGOTIATED)
		return SSL_TLSEXT_ERR_NOACK;
	*out = chosen;
	return SSL_TLSEXT_ERR_OK;
}

static SSL_CTX *create_context(const struct tls_listener *listener,
                               size_t certificate,
                               const struct tls_tickets *tickets)
{
	SSL_CTX *context = SSL_CTX_new(TLS_server_method());

	if (!context ||
	    !tls_listener_apply(listener, certificate, tickets, context)) {
		SSL_CTX_free(context);
		return NULL;
	}
	SSL_CTX_set_alpn_select_cb(context, choose_protocol, NULL);
	return context;
}

struct tls_contexts *tls_contexts_create(const struct tls_listener *listener,
                                         const struct tls_tickets *tickets)
{
	size_t count = tls_listener_count(listener);
	struct tls_contexts *contexts =
	    calloc(1, sizeof *contexts + count * sizeof contexts->list[0]);

	if (!contexts)
		return NULL;
	contexts->listener = listener;
	for (size_t i = 0; i < count; i++) {
		contexts->list[i] = create_context(listener, i, tickets);
		if (!contexts->list[i]) {
			tls_contexts_destroy(contexts);
			return NULL;
		}
		contexts->count++;
	}
	return contexts;
}

void tls_contexts_destroy(struct tls_contexts *contexts)
{
	if (!contexts)
		return;
	for (size_t i = 0; i < contexts->count; i++)
		SSL_CTX_free(contexts->list[i]);
	free(contexts);
}

SSL_CTX *tls_contexts_find(const struct tls_contexts *contexts,
                           struct slice host)
{
	return contexts->list[tls_listener_find(contexts->listener, host)];
}
