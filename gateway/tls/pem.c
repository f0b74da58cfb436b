/* SPDX-License-Identifier: Apache-2.0 */
#include "tls/pem.h"

#include <errno.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/pem.h>

FILE *tls_pem_open(const struct config_text *name, struct problems *problems)
{
	FILE *file = fopen(name->value, "re");

	if (!file)
		problem_error(problems, name->place, "\"%s\": %s", name->value,
		              strerror(errno));
	return file;
}

/* The end of the file is told as an error: no start line. */
bool tls_pem_is_at_end(void)
{
	bool is_end =
	    ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;

	ERR_clear_error();
	return is_end;
}

bool tls_pem_read_certificates(FILE *file, STACK_OF(X509) * list)
{
	X509 *certificate;

	while ((certificate = PEM_read_X509(file, NULL, NULL, NULL)) != NULL) {
		if (!sk_X509_push(list, certificate)) {
			X509_free(certificate);
			return false;
		}
	}
	return tls_pem_is_at_end();
}
