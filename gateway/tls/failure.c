/* SPDX-License-Identifier: Apache-2.0 */
#include "tls/failure.h"

#include <stdbool.h>
#include <stdio.h>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#define ALERT_LEVEL_SHIFT 8

void tls_failure_text(const struct tls_failure *failure, char *out, size_t size)
{
	static const char *const subjects[] = {
		[TLS_FAILURE_NONE] = "",
		[TLS_FAILURE_OURS] = "",
		[TLS_FAILURE_CERTIFICATE] = "client certificate: ",
		[TLS_FAILURE_UNWILLING] =
		    "the client left when asked for a certificate: ",
		[TLS_FAILURE_THEIRS] = "the client says: ",
	};

	snprintf(out, size, "%s%s", subjects[failure->source],
	         failure->why ? failure->why : "");
}

void tls_failure_watch(SSL *connection, struct tls_failure *failure)
{
	SSL_set_app_data(connection, failure);
	SSL_set_info_callback(connection, tls_failure_on_step);
}

static void set(struct tls_failure *failure, enum tls_failure_source source,
                const char *why)
{
	if (failure->source == TLS_FAILURE_NONE)
		*failure = (struct tls_failure){ source, why };
}

/* Who leaves without a word has not failed. */
static bool has_come(const SSL *connection)
{
	return BIO_number_read(SSL_get_rbio(connection)) > 0;
}

/* As browsers do that have no certificate, or have not asked their user yet. */
static bool is_unwilling(const SSL *connection, unsigned long error)
{
	return ERR_GET_REASON(error) == SSL_R_UNEXPECTED_EOF_WHILE_READING &&
	       (SSL_get_verify_mode(connection) & SSL_VERIFY_PEER) != 0 &&
	       SSL_get_state(connection) != TLS_ST_BEFORE;
}

static void note_error(struct tls_failure *failure, const SSL *connection)
{
	unsigned long error = ERR_peek_error();
	const char *why = ERR_reason_error_string(error);

	if (error == 0 || !has_come(connection))
		return;
	if (ERR_GET_REASON(error) == SSL_R_CERTIFICATE_VERIFY_FAILED)
		set(failure, TLS_FAILURE_CERTIFICATE,
		    X509_verify_cert_error_string(
		        SSL_get_verify_result(connection)));
	else if (is_unwilling(connection, error))
		set(failure, TLS_FAILURE_UNWILLING, why);
	else
		set(failure, TLS_FAILURE_OURS, why);
}

void tls_failure_on_step(const SSL *connection, int where, int value)
{
	struct tls_failure *failure = SSL_get_app_data(connection);

	if (!failure)
		return;
	if (where == SSL_CB_READ_ALERT &&
	    value >> ALERT_LEVEL_SHIFT == SSL3_AL_FATAL)
		set(failure, TLS_FAILURE_THEIRS,
		    SSL_alert_desc_string_long(value));
	else if (where == SSL_CB_ACCEPT_EXIT && value <= 0)
		note_error(failure, connection);
}
