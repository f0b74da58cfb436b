/* SPDX-License-Identifier: Apache-2.0 */
#include "tls/current.h"

#include <stddef.h>

#include <openssl/ssl.h>

/* [RFC 7301 3.1] a length before each name */
static const unsigned char protocols[] = "\x08http/1.1";

/* Called whether the client names a host or not. */
static int lead(SSL *ssl, int *alert, void *owner)
{
	const struct tls_current *current = owner;

	(void)alert;
	if (current->context)
		SSL_set_SSL_CTX(ssl, current->context);
	return SSL_TLSEXT_ERR_OK;
}

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

bool tls_current_init(struct tls_current *current, struct ssl_ctx_st *first)
{
	if (!tls_listener_apply(current->listener, &current->tickets, first))
		return false;
	current->first = first;
	SSL_CTX_set_tlsext_servername_callback(first, lead);
	SSL_CTX_set_tlsext_servername_arg(first, current);
	return true;
}

void tls_current_finish(struct tls_current *current)
{
	tls_current_forget(current);
	SSL_CTX_free(current->context);
	*current = (struct tls_current){ 0 };
}

bool tls_current_prepare(struct tls_current *current,
                         const struct tls_listener *listener)
{
	SSL_CTX *next = SSL_CTX_new(TLS_server_method());

	tls_current_forget(current);
	if (!next || !tls_listener_apply(listener, &current->tickets, next)) {
		SSL_CTX_free(next);
		return false;
	}
	SSL_CTX_set_alpn_select_cb(next, choose_protocol, NULL);
	current->next = next;
	current->next_demands = tls_listener_demands(listener);
	return true;
}

void tls_current_adopt(struct tls_current *current)
{
	if (!current->next)
		return;
	SSL_CTX_free(current->context);
	current->context = current->next;
	current->next = NULL;
	/* It looks at tickets before it leads to another. */
	tls_tickets_set_scope(&current->tickets, current->next_demands,
	                      current->first);
}

void tls_current_forget(struct tls_current *current)
{
	SSL_CTX_free(current->next);
	current->next = NULL;
}
