/* SPDX-License-Identifier: Apache-2.0 */
#include "tls/authority.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "tls/pem.h"

struct tls_authority {
	STACK_OF(X509) * certificates;
	STACK_OF(X509_CRL) * lists;         /* of what they have revoked */
	X509_STORE *store;                  /* both, ready for use */
	struct tls_stamp certificate_stamp; /* of the files as they were read */
	struct tls_stamp list_stamp;
	unsigned char print[TLS_PRINT_BYTES];
};

/* The files. */

static bool read_all_lists(struct tls_authority *authority, FILE *file)
{
	X509_CRL *list;

	while ((list = PEM_read_X509_CRL(file, NULL, NULL, NULL)) != NULL) {
		if (!sk_X509_CRL_push(authority->lists, list)) {
			X509_CRL_free(list);
			return false;
		}
	}
	return tls_pem_is_at_end() && sk_X509_CRL_num(authority->lists) > 0;
}

static bool read_certificates(struct tls_authority *authority,
                              const struct config_text *name,
                              struct problems *problems)
{
	FILE *file = tls_pem_open(name, problems);

	if (!file)
		return false;
	authority->certificate_stamp = tls_stamp_of_file(file);
	bool is_read =
	    tls_pem_read_certificates(file, authority->certificates) &&
	    sk_X509_num(authority->certificates) > 0;

	fclose(file);
	if (!is_read)
		problem_error(problems, name->place,
		              "\"%s\" has no PEM certificates of authorities, "
		              "or not only whole ones",
		              name->value);
	return is_read;
}

static bool read_lists(struct tls_authority *authority,
                       const struct config_text *name,
                       struct problems *problems)
{
	FILE *file = tls_pem_open(name, problems);

	if (!file)
		return false;
	authority->list_stamp = tls_stamp_of_file(file);
	bool is_read = read_all_lists(authority, file);

	fclose(file);
	if (!is_read)
		problem_error(problems, name->place,
		              "\"%s\" has no PEM revocation lists, or not "
		              "only whole ones",
		              name->value);
	return is_read;
}

/* What is in them. */

static void check_certificates(const struct tls_authority *authority,
                               const struct config_text *name,
                               struct problems *problems)
{
	for (int i = 0; i < sk_X509_num(authority->certificates); i++) {
		X509 *one = sk_X509_value(authority->certificates, i);

		if (X509_cmp_current_time(X509_get0_notAfter(one)) < 0)
			problem_warning(problems, name->place,
			                "\"%s\": certificate %d has expired: "
			                "no client of its will get in",
			                name->value, i + 1);
		if (X509_check_ca(one) == 0)
			problem_warning(problems, name->place,
			                "\"%s\": certificate %d is not that of "
			                "an authority",
			                name->value, i + 1);
	}
	ERR_clear_error();
}

static bool has_list(const struct tls_authority *authority, X509 *certificate)
{
	const X509_NAME *subject = X509_get_subject_name(certificate);

	for (int i = 0; i < sk_X509_CRL_num(authority->lists); i++) {
		const X509_CRL *list = sk_X509_CRL_value(authority->lists, i);

		if (X509_NAME_cmp(X509_CRL_get_issuer(list), subject) == 0)
			return true;
	}
	return false;
}

static bool have_all_lists(const struct tls_authority *authority)
{
	for (int i = 0; i < sk_X509_num(authority->certificates); i++) {
		if (!has_list(authority,
		              sk_X509_value(authority->certificates, i)))
			return false;
	}
	return true;
}

static bool is_known_issuer(const struct tls_authority *authority,
                            const X509_CRL *list)
{
	const X509_NAME *issuer = X509_CRL_get_issuer(list);

	for (int i = 0; i < sk_X509_num(authority->certificates); i++) {
		X509 *one = sk_X509_value(authority->certificates, i);

		if (X509_NAME_cmp(issuer, X509_get_subject_name(one)) == 0)
			return true;
	}
	return false;
}

static void check_lists(const struct tls_authority *authority,
                        const struct config_text *name,
                        struct problems *problems)
{
	for (int i = 0; i < sk_X509_CRL_num(authority->lists); i++) {
		const X509_CRL *list = sk_X509_CRL_value(authority->lists, i);
		const ASN1_TIME *next = X509_CRL_get0_nextUpdate(list);

		if (next && X509_cmp_current_time(next) < 0)
			problem_warning(problems, name->place,
			                "\"%s\": revocation list %d is out of "
			                "date: until there is a newer one, no "
			                "client of its authority gets in",
			                name->value, i + 1);
		if (!is_known_issuer(authority, list))
			problem_warning(problems, name->place,
			                "\"%s\": revocation list %d is of an "
			                "authority that client_ca does not "
			                "have",
			                name->value, i + 1);
	}
}

/* All of it. */

static unsigned long flags_for(const struct tls_authority *authority)
{
	if (sk_X509_CRL_num(authority->lists) == 0)
		return 0;
	return have_all_lists(authority)
	           ? X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL
	           : X509_V_FLAG_CRL_CHECK;
}

static bool fill_store(struct tls_authority *authority)
{
	bool is_full = true;

	for (int i = 0; i < sk_X509_num(authority->certificates); i++)
		is_full = is_full &&
		          X509_STORE_add_cert(
		              authority->store,
		              sk_X509_value(authority->certificates, i)) == 1;
	for (int i = 0; i < sk_X509_CRL_num(authority->lists); i++)
		is_full =
		    is_full && X509_STORE_add_crl(
		                   authority->store,
		                   sk_X509_CRL_value(authority->lists, i)) == 1;
	return is_full && X509_STORE_set_flags(authority->store,
	                                       flags_for(authority)) == 1;
}

static bool digest_all(const struct tls_authority *authority, EVP_MD_CTX *sum)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned len;
	bool is_done = true;

	for (int i = 0; i < sk_X509_num(authority->certificates); i++)
		is_done = is_done &&
		          X509_digest(sk_X509_value(authority->certificates, i),
		                      EVP_sha256(), digest, &len) == 1 &&
		          EVP_DigestUpdate(sum, digest, len) == 1;
	for (int i = 0; i < sk_X509_CRL_num(authority->lists); i++)
		is_done =
		    is_done &&
		    X509_CRL_digest(sk_X509_CRL_value(authority->lists, i),
		                    EVP_sha256(), digest, &len) == 1 &&
		    EVP_DigestUpdate(sum, digest, len) == 1;
	return is_done;
}

/* Clients of one sort of listener are not those of the other. */
static bool make_print(struct tls_authority *authority,
                       enum config_client_certificate wish)
{
	EVP_MD_CTX *sum = EVP_MD_CTX_new();
	unsigned char first = (unsigned char)wish;
	bool is_made = sum && EVP_DigestInit_ex(sum, EVP_sha256(), NULL) == 1 &&
	               EVP_DigestUpdate(sum, &first, 1) == 1 &&
	               digest_all(authority, sum) &&
	               EVP_DigestFinal_ex(sum, authority->print, NULL) == 1;

	EVP_MD_CTX_free(sum);
	return is_made;
}

static bool read_all(struct tls_authority *authority,
                     const struct config_listener_tls *config,
                     struct problems *problems)
{
	bool is_good =
	    read_certificates(authority, &config->client_ca, problems);

	if (config->client_crl.value)
		is_good =
		    read_lists(authority, &config->client_crl, problems) &&
		    is_good;
	if (!is_good)
		return false;
	check_certificates(authority, &config->client_ca, problems);
	check_lists(authority, &config->client_crl, problems);
	return fill_store(authority) &&
	       make_print(authority, config->client_certificate);
}

struct tls_authority *
tls_authority_create(const struct config_listener_tls *config,
                     struct problems *problems)
{
	struct tls_authority *authority;

	if (!config->client_ca.value) {
		problem_error(problems, config->place,
		              "client_certificate wants a client_ca beside it: "
		              "the authorities whose certificates count");
		return NULL;
	}
	authority = calloc(1, sizeof *authority);
	if (!authority)
		return NULL;
	authority->certificates = sk_X509_new_null();
	authority->lists = sk_X509_CRL_new_null();
	authority->store = X509_STORE_new();
	if (authority->certificates && authority->lists && authority->store &&
	    read_all(authority, config, problems))
		return authority;
	tls_authority_destroy(authority);
	return NULL;
}

void tls_authority_destroy(struct tls_authority *authority)
{
	if (!authority)
		return;
	sk_X509_pop_free(authority->certificates, X509_free);
	sk_X509_CRL_pop_free(authority->lists, X509_CRL_free);
	X509_STORE_free(authority->store);
	free(authority);
}

/* Browsers offer their user what one of these has signed. */
static bool show_names(const struct tls_authority *authority, SSL_CTX *context)
{
	bool are_shown = true;

	for (int i = 0; i < sk_X509_num(authority->certificates); i++)
		are_shown = are_shown &&
		            SSL_CTX_add_client_CA(
		                context,
		                sk_X509_value(authority->certificates, i)) == 1;
	return are_shown;
}

bool tls_authority_apply(const struct tls_authority *authority,
                         SSL_CTX *context)
{
	SSL_CTX_set1_cert_store(context, authority->store);
	return show_names(authority, context);
}

const unsigned char *tls_authority_print(const struct tls_authority *authority)
{
	return authority->print;
}

void tls_authority_add_stamps(const struct tls_authority *authority,
                              struct tls_stamps *stamps)
{
	tls_stamps_add(stamps, &authority->certificate_stamp);
	tls_stamps_add(stamps, &authority->list_stamp);
}
