/* SPDX-License-Identifier: Apache-2.0 */
#include "tls/certificate.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "tls/expiry.h"

#define FORBIDDEN_KEY_MODE (S_IWGRP | S_IRWXO)

static FILE *open_file(const struct config_text *name,
                       struct problems *problems)
{
	FILE *file = fopen(name->value, "re");

	if (!file)
		problem_error(problems, name->place, "\"%s\": %s", name->value,
		              strerror(errno));
	return file;
}

static bool read_chain(struct tls_certificate *certificate, FILE *file)
{
	X509 *issuer;

	certificate->chain = sk_X509_new_null();
	if (!certificate->chain)
		return false;
	while ((issuer = PEM_read_X509(file, NULL, NULL, NULL)) != NULL) {
		if (!sk_X509_push(certificate->chain, issuer)) {
			X509_free(issuer);
			return false;
		}
	}
	/* The end of the file is told as an error: no start line. */
	bool is_end =
	    ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;

	ERR_clear_error();
	return is_end;
}

static bool read_certificates(struct tls_certificate *certificate,
                              const struct config_text *name,
                              struct problems *problems)
{
	FILE *file = open_file(name, problems);

	if (!file)
		return false;
	certificate->certificate_stamp = tls_stamp_of_file(file);
	certificate->leaf = PEM_read_X509(file, NULL, NULL, NULL);

	bool is_read = certificate->leaf && read_chain(certificate, file);

	ERR_clear_error();
	fclose(file);
	if (!is_read)
		problem_error(problems, name->place,
		              "\"%s\" is no PEM certificate: write the "
		              "server's certificate first, then its issuers",
		              name->value);
	return is_read;
}

static bool may_others_read(FILE *file)
{
	struct stat status;

	return fstat(fileno(file), &status) != 0 ||
	       (status.st_mode & FORBIDDEN_KEY_MODE) != 0;
}

/* A key with a password would ask for it on a terminal: it is refused. */
static int no_password(char *buffer, int size, int is_writing, void *unused)
{
	(void)buffer;
	(void)size;
	(void)is_writing;
	(void)unused;
	return -1;
}

static bool read_key(struct tls_certificate *certificate,
                     const struct config_text *name, struct problems *problems)
{
	FILE *file = open_file(name, problems);

	if (!file)
		return false;
	certificate->key_stamp = tls_stamp_of_file(file);
	if (may_others_read(file))
		problem_error(problems, name->place,
		              "key \"%s\" can be read or changed by others: "
		              "chmod 0640 it",
		              name->value);
	else
		certificate->key =
		    PEM_read_PrivateKey(file, NULL, no_password, NULL);
	if (!certificate->key && !may_others_read(file))
		problem_error(problems, name->place,
		              "\"%s\" is no PEM private key without password",
		              name->value);
	ERR_clear_error();
	fclose(file);
	return certificate->key != NULL;
}

/* The same days that the log counts while it serves. */
static void check_days(const X509 *leaf, const struct config_text *name,
                       struct problems *problems)
{
	int days = 0;
	int seconds = 0;

	if (ASN1_TIME_diff(&days, &seconds, NULL, X509_get0_notAfter(leaf)) ==
	        1 &&
	    days < TLS_EXPIRY_FEW_DAYS)
		problem_warning(problems, name->place,
		                "certificate \"%s\" expires soon (days "
		                "left: %d): renew it",
		                name->value, days);
}

static bool check_dates(const X509 *leaf, const struct config_text *name,
                        struct problems *problems)
{
	if (X509_cmp_current_time(X509_get0_notBefore(leaf)) > 0)
		problem_error(problems, name->place,
		              "certificate \"%s\" is not valid yet",
		              name->value);
	else if (X509_cmp_current_time(X509_get0_notAfter(leaf)) < 0)
		problem_error(problems, name->place,
		              "certificate \"%s\" has expired: renew it",
		              name->value);
	else
		return true;
	return false;
}

static bool check_pair(const struct tls_certificate *certificate,
                       const struct config_text *name,
                       struct problems *problems)
{
	if (X509_check_private_key(certificate->leaf, certificate->key) == 1)
		return true;
	ERR_clear_error();
	problem_error(problems, name->place,
	              "key \"%s\" does not belong to the certificate",
	              name->value);
	return false;
}

/* Browsers look at the subject alternative names only. */
static void check_names(X509 *leaf, const struct config_text *name,
                        struct problems *problems)
{
	if (X509_get_ext_by_NID(leaf, NID_subject_alt_name, -1) < 0)
		problem_warning(problems, name->place,
		                "certificate \"%s\" has no subject alternative "
		                "name: no browser will accept it",
		                name->value);
}

bool tls_certificate_read(struct tls_certificate *certificate,
                          const struct config_text *certificate_file,
                          const struct config_text *key_file,
                          struct problems *problems)
{
	*certificate = (struct tls_certificate){ 0 };

	bool has_certificate =
	    read_certificates(certificate, certificate_file, problems);
	bool has_key = read_key(certificate, key_file, problems);

	if (has_certificate && has_key &&
	    check_dates(certificate->leaf, certificate_file, problems) &&
	    check_pair(certificate, key_file, problems)) {
		check_days(certificate->leaf, certificate_file, problems);
		check_names(certificate->leaf, certificate_file, problems);
		return true;
	}
	tls_certificate_finish(certificate);
	return false;
}

/* A DNS name or an address, as text; "" for any other sort of name. */
static void name_text(const GENERAL_NAME *name, char *out, size_t size)
{
	const ASN1_STRING *value;

	out[0] = '\0';
	if (name->type == GEN_DNS) {
		value = name->d.dNSName;
		snprintf(out, size, "%.*s", ASN1_STRING_length(value),
		         (const char *)ASN1_STRING_get0_data(value));
	} else if (name->type == GEN_IPADD) {
		value = name->d.iPAddress;
		inet_ntop(ASN1_STRING_length(value) == 4 ? AF_INET : AF_INET6,
		          ASN1_STRING_get0_data(value), out, (socklen_t)size);
	}
}

void tls_certificate_names(const struct tls_certificate *certificate, char *out,
                           size_t size)
{
	GENERAL_NAMES *names = X509_get_ext_d2i(
	    certificate->leaf, NID_subject_alt_name, NULL, NULL);
	size_t len = 0;

	out[0] = '\0';
	for (int i = 0; i < sk_GENERAL_NAME_num(names) && len < size; i++) {
		char text[256];

		name_text(sk_GENERAL_NAME_value(names, i), text, sizeof text);
		if (text[0] != '\0')
			len += (size_t)snprintf(out + len, size - len, "%s%s",
			                        len > 0 ? ", " : "", text);
	}
	GENERAL_NAMES_free(names);
}

void tls_certificate_finish(struct tls_certificate *certificate)
{
	X509_free(certificate->leaf);
	sk_X509_pop_free(certificate->chain, X509_free);
	EVP_PKEY_free(certificate->key);
	*certificate = (struct tls_certificate){ 0 };
}
