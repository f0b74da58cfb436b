/* SPDX-License-Identifier: Apache-2.0 */
#include "tls/certificate.h"

#include <sys/stat.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "tls/expiry.h"
#include "tls/pem.h"

#define FORBIDDEN_KEY_MODE (S_IWGRP | S_IRWXO)

static bool read_certificates(struct tls_certificate *certificate,
                              const struct config_text *name,
                              struct problems *problems)
{
	FILE *file = tls_pem_open(name, problems);

	if (!file)
		return false;
	certificate->certificate_stamp = tls_stamp_of_file(file);
	certificate->leaf = PEM_read_X509(file, NULL, NULL, NULL);
	certificate->chain = sk_X509_new_null();

	bool is_read = certificate->leaf && certificate->chain &&
	               tls_pem_read_certificates(file, certificate->chain);

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
	FILE *file = tls_pem_open(name, problems);

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
void tls_certificate_check_names(const struct tls_certificate *certificate,
                                 const struct config_text *name,
                                 struct problems *problems)
{
	if (X509_get_ext_by_NID(certificate->leaf, NID_subject_alt_name, -1) <
	    0)
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
	    check_pair(certificate, key_file, problems) &&
	    tls_names_init(&certificate->names, certificate->leaf)) {
		check_days(certificate->leaf, certificate_file, problems);
		return true;
	}
	tls_certificate_finish(certificate);
	return false;
}

bool tls_certificate_goes_with(const struct tls_certificate *certificate,
                               const struct tls_certificate *other)
{
	const struct tls_names *names = &certificate->names;

	if (EVP_PKEY_get_base_id(certificate->key) ==
	    EVP_PKEY_get_base_id(other->key))
		return false;
	for (size_t i = 0; i < names->count; i++) {
		if (!tls_names_have(&other->names,
		                    slice_from_text(names->list[i])))
			return false;
	}
	return names->count > 0;
}

void tls_certificate_finish(struct tls_certificate *certificate)
{
	X509_free(certificate->leaf);
	sk_X509_pop_free(certificate->chain, X509_free);
	EVP_PKEY_free(certificate->key);
	tls_names_finish(&certificate->names);
	*certificate = (struct tls_certificate){ 0 };
}
