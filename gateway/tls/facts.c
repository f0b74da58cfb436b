/* SPDX-License-Identifier: Apache-2.0 */
#include "tls/facts.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include <openssl/bio.h>
#include <openssl/x509.h>

#include "tls/certificate.h"

static void keep_printable(char *text)
{
	for (; *text != '\0'; text++) {
		if (*text < ' ' || *text > '~')
			*text = '?';
	}
}

static void write_issuer(X509 *leaf, char *out, size_t size)
{
	BIO *text = BIO_new(BIO_s_mem());
	int len = 0;

	if (text && X509_NAME_print_ex(text, X509_get_issuer_name(leaf), 0,
	                               XN_FLAG_RFC2253) >= 0)
		len = BIO_read(text, out, (int)size - 1);
	out[len > 0 ? len : 0] = '\0';
	BIO_free(text);
}

static uint64_t end_of(const X509 *leaf)
{
	struct tm end = { 0 };

	if (ASN1_TIME_to_tm(X509_get0_notAfter(leaf), &end) != 1)
		return 0;
	return (uint64_t)timegm(&end);
}

static uint64_t print_of(const X509 *leaf)
{
	unsigned char digest[EVP_MAX_MD_SIZE] = { 0 };
	uint64_t print;

	X509_digest(leaf, EVP_sha256(), digest, NULL);
	memcpy(&print, digest, sizeof print);
	return print;
}

struct tls_facts tls_facts_of(const struct tls_certificate *certificate)
{
	struct tls_facts facts = {
		.end_s = end_of(certificate->leaf),
		.print = print_of(certificate->leaf),
	};

	(void)tls_names_write(certificate->leaf, false, facts.names,
	                      sizeof facts.names);
	if (facts.names[0] == '\0')
		snprintf(facts.names, sizeof facts.names, "-");
	write_issuer(certificate->leaf, facts.issuer, sizeof facts.issuer);
	keep_printable(facts.names);
	keep_printable(facts.issuer);
	return facts;
}
