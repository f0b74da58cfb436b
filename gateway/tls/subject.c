/* SPDX-License-Identifier: Apache-2.0 */
#include "tls/subject.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#define USER_BYTES 256
#define CONTROL_END 0x20
#define DELETE 0x7f
#define C1_LEAD 0xc2 /* before 0x80 to 0x9f: the other controls, in UTF-8 */
#define C1_LAST 0x9f

static bool is_control(const uint8_t *text, size_t left)
{
	return text[0] < CONTROL_END || text[0] == DELETE ||
	       (text[0] == C1_LEAD && left > 1 && text[1] <= C1_LAST);
}

static bool is_usable(const uint8_t *text, size_t len)
{
	if (len == 0 || len > USER_BYTES)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (is_control(text + i, len - i))
			return false;
	}
	return true;
}

static enum tls_subject take(const uint8_t *text, size_t len, char **user)
{
	char *copy;

	if (!is_usable(text, len))
		return TLS_SUBJECT_UNUSABLE;
	copy = strndup((const char *)text, len);
	if (!copy)
		return TLS_SUBJECT_MEMORY;
	*user = copy;
	return TLS_SUBJECT_USER;
}

static enum tls_subject take_common_name(const X509_NAME *subject, int at,
                                         char **user)
{
	const X509_NAME_ENTRY *entry = X509_NAME_get_entry(subject, at);
	enum tls_subject result = TLS_SUBJECT_UNUSABLE;
	unsigned char *text = NULL;
	int len = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(entry));

	if (len >= 0)
		result = take(text, (size_t)len, user);
	OPENSSL_free(text);
	return result;
}

static enum tls_subject take_whole(const X509_NAME *subject, char **user)
{
	BIO *out = BIO_new(BIO_s_mem());
	enum tls_subject result = TLS_SUBJECT_MEMORY;
	char *text;

	if (out &&
	    X509_NAME_print_ex(out, subject, 0,
	                       XN_FLAG_RFC2253 &
	                           ~(unsigned long)ASN1_STRFLGS_ESC_MSB) >= 0) {
		long len = BIO_get_mem_data(out, &text);

		result = take((const uint8_t *)text, (size_t)len, user);
	}
	BIO_free(out);
	return result;
}

/* Of several common names none is better than the others. */
enum tls_subject tls_subject_of(const X509_NAME *name, char **user)
{
	int first = X509_NAME_get_index_by_NID(name, NID_commonName, -1);

	if (first >= 0 &&
	    X509_NAME_get_index_by_NID(name, NID_commonName, first) < 0)
		return take_common_name(name, first, user);
	return take_whole(name, user);
}

/* Who comes back with a ticket was looked at when it was given. */
enum tls_subject tls_subject_read(const SSL *connection, char **user)
{
	const X509 *certificate =
	    connection ? SSL_get0_peer_certificate(connection) : NULL;

	if (!certificate)
		return TLS_SUBJECT_NONE;
	if (X509_cmp_current_time(X509_get0_notAfter(certificate)) < 0)
		return TLS_SUBJECT_OVER;
	return tls_subject_of(X509_get_subject_name(certificate), user);
}

const char *tls_subject_fault(enum tls_subject subject)
{
	switch (subject) {
	case TLS_SUBJECT_UNUSABLE:
		return "client certificate: its subject is no user";
	case TLS_SUBJECT_OVER:
		return "client certificate: certificate has expired";
	case TLS_SUBJECT_MEMORY:
		return "no memory";
	case TLS_SUBJECT_NONE:
	case TLS_SUBJECT_USER:
		break;
	}
	return "";
}
