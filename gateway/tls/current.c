/* SPDX-License-Identifier: Apache-2.0 */
#include "tls/current.h"

#include <stddef.h>
#include <stdint.h>

#include <openssl/ssl.h>

#include "tls/host.h"

static struct slice find_host(SSL *ssl)
{
	struct slice extension;
	struct slice host = { NULL, 0 };

	if (SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_server_name,
	                              &extension.data, &extension.len) != 1 ||
	    !tls_host_asked(extension, &host))
		return (struct slice){ NULL, 0 };
	return host;
}

/*
 * Comes before a ticket is looked at, so that the scope of tickets is that of
 * what is shown now (as long as that of lws's own context never changes:
 * OpenSSL takes another for one that was set by hand), and before versions and
 * certificates are chosen.
 */
static int on_hello(SSL *ssl, int *alert, void *owner)
{
	const struct tls_current *current = owner;

	if (SSL_set_SSL_CTX(ssl,
	                    tls_contexts_find(current->shown, find_host(ssl))))
		return SSL_CLIENT_HELLO_SUCCESS;
	*alert = SSL_AD_INTERNAL_ERROR;
	return SSL_CLIENT_HELLO_ERROR;
}

/* In place of lws's own, which knows only its own contexts. */
static int accept_name(SSL *ssl, int *alert, void *unused)
{
	(void)ssl;
	(void)alert;
	(void)unused;
	return SSL_TLSEXT_ERR_OK;
}

static void greet(SSL *ssl, struct tls_current *current)
{
	if (current->arriving)
		tls_failure_watch(ssl, current->arriving);
	current->arriving = NULL;
}

/* The first step of a connection comes while lws takes it over. */
static void on_step(const SSL *ssl, int where, int value)
{
	if (where == SSL_CB_HANDSHAKE_START && SSL_in_before(ssl))
		greet((SSL *)(uintptr_t)ssl,
		      SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
	tls_failure_on_step(ssl, where, value); /* of this turn */
}

bool tls_current_init(struct tls_current *current, SSL_CTX *first)
{
	current->shown =
	    tls_contexts_create(current->listener, &current->tickets);
	if (!current->shown ||
	    !tls_listener_apply(current->listener, 0, &current->tickets, first))
		return false;
	SSL_CTX_set_app_data(first, current); /* no ticket is asked for there */
	SSL_CTX_set_client_hello_cb(first, on_hello, current);
	SSL_CTX_set_tlsext_servername_callback(first, accept_name);
	SSL_CTX_set_info_callback(first, on_step);
	return true;
}

void tls_current_finish(struct tls_current *current)
{
	tls_current_forget(current);
	tls_contexts_destroy(current->shown);
	*current = (struct tls_current){ 0 };
}

void tls_current_await(struct tls_current *current, struct tls_failure *failure)
{
	current->arriving = failure;
}

bool tls_current_prepare(struct tls_current *current,
                         const struct tls_listener *listener)
{
	tls_current_forget(current);
	current->next = tls_contexts_create(listener, &current->tickets);
	return current->next != NULL;
}

void tls_current_adopt(struct tls_current *current)
{
	if (!current->next)
		return;
	tls_contexts_destroy(current->shown);
	current->shown = current->next;
	current->next = NULL;
}

void tls_current_forget(struct tls_current *current)
{
	tls_contexts_destroy(current->next);
	current->next = NULL;
}
