/* SPDX-License-Identifier: Apache-2.0 */
#include "upstream/seal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#define WHY_BYTES 160

struct seal {
	uv_poll_t poll;
	uv_timer_t limit;
	int handles;        /* of the two above, not closed yet */
	struct cable cable; /* fd -1: handed on */
	seal_done *done;
	void *owner;
	char why[WHY_BYTES];
};

static void on_handle_closed(uv_handle_t *handle)
{
	struct seal *seal = handle->data;

	if (--seal->handles > 0)
		return;
	if (seal->cable.fd >= 0)
		cable_close(&seal->cable);
	free(seal);
}

static void end(struct seal *seal)
{
	uv_close((uv_handle_t *)&seal->poll, on_handle_closed);
	uv_close((uv_handle_t *)&seal->limit, on_handle_closed);
}

static void succeed(struct seal *seal)
{
	struct cable cable = seal->cable;

	seal->cable.fd = -1;
	end(seal);
	seal->done(seal->owner, cable, NULL);
}

static void fail(struct seal *seal)
{
	end(seal);
	seal->done(seal->owner, cable_of(-1, NULL), seal->why);
}

/* What it failed for, the certificate first: the rest follows from that. */
static void explain(struct seal *seal, int error)
{
	long verdict = SSL_get_verify_result(seal->cable.tls);
	unsigned long said = ERR_peek_error();
	const char *why = ERR_reason_error_string(said);

	if (verdict != X509_V_OK)
		snprintf(seal->why, WHY_BYTES, "certificate refused: %s",
		         X509_verify_cert_error_string(verdict));
	else if (error == SSL_ERROR_SYSCALL && errno != 0)
		snprintf(seal->why, WHY_BYTES, "TLS failed: %s",
		         strerror(errno));
	else if (error != SSL_ERROR_SSL ||
	         ERR_GET_REASON(said) == SSL_R_UNEXPECTED_EOF_WHILE_READING)
		snprintf(seal->why, WHY_BYTES,
		         "TLS failed: the server closed the connection");
	else
		snprintf(seal->why, WHY_BYTES, "TLS failed: %s",
		         why ? why : "no reason known");
	ERR_clear_error();
}

static void on_poll(uv_poll_t *poll, int status, int events);

static void step(struct seal *seal)
{
	int result;
	int error;

	ERR_clear_error();
	errno = 0;
	result = SSL_connect(seal->cable.tls);
	if (result == 1) {
		succeed(seal);
		return;
	}
	error = SSL_get_error(seal->cable.tls, result);
	if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) {
		uv_poll_start(&seal->poll,
		              error == SSL_ERROR_WANT_READ ? UV_READABLE
		                                           : UV_WRITABLE,
		              on_poll);
		return;
	}
	explain(seal, error);
	fail(seal);
}

/* An error of the socket is found by using it. */
static void on_poll(uv_poll_t *poll, int status, int events)
{
	(void)status;
	(void)events;
	step(poll->data);
}

static void on_limit(uv_timer_t *timer)
{
	struct seal *seal = timer->data;

	snprintf(seal->why, WHY_BYTES, "TLS not answered in time");
	fail(seal);
}

/* A name is asked for, and checked; an address is only checked. */
static bool set_name(SSL *tls, const char *name)
{
	SSL_set_hostflags(tls, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	if (X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(tls), name) == 1)
		return true;
	ERR_clear_error();
	return SSL_set1_host(tls, name) == 1 &&
	       SSL_set_tlsext_host_name(tls, name) == 1;
}

static SSL *make(const struct seal_with *with, int fd)
{
	SSL *tls = SSL_new(with->context);

	if (tls && set_name(tls, with->server_name) && SSL_set_fd(tls, fd) == 1)
		return tls;
	SSL_free(tls);
	ERR_clear_error();
	return NULL;
}

static struct seal *create(uv_loop_t *loop, int fd,
                           const struct seal_with *with)
{
	struct seal *seal = calloc(1, sizeof *seal);

	if (!seal)
		return NULL;
	seal->cable = cable_of(fd, make(with, fd));
	if (seal->cable.tls && uv_poll_init(loop, &seal->poll, fd) == 0)
		return seal;
	SSL_free(seal->cable.tls);
	free(seal);
	return NULL;
}

struct seal *seal_open(uv_loop_t *loop, int fd, const struct seal_with *with,
                       seal_done *done, void *owner)
{
	struct seal *seal = create(loop, fd, with);

	if (!seal) {
		close(fd);
		return NULL;
	}
	seal->done = done;
	seal->owner = owner;
	seal->handles = 2;
	seal->poll.data = seal;
	uv_timer_init(loop, &seal->limit);
	seal->limit.data = seal;
	uv_timer_start(&seal->limit, on_limit, with->limit_ms, 0);
	uv_poll_start(&seal->poll, UV_WRITABLE, on_poll);
	return seal;
}

void seal_cancel(struct seal *seal)
{
	if (seal)
		end(seal);
}
