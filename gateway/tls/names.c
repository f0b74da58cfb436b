/* SPDX-License-Identifier: Apache-2.0 */
#include "tls/names.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/x509v3.h>

#include "tls/host.h"

#define NAME_BYTES 256
#define IPV4_BYTES 4
#define IPV6_BYTES 16

static GENERAL_NAMES *read_names(X509 *certificate)
{
	return X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
}

static struct slice octets_of(const ASN1_STRING *value)
{
	return (struct slice){ ASN1_STRING_get0_data(value),
		               (size_t)ASN1_STRING_length(value) };
}

/* One with a NUL inside would be another one as text. */
static bool is_host(const GENERAL_NAME *name)
{
	if (name->type != GEN_DNS)
		return false;
	struct slice octets = octets_of(name->d.dNSName);

	return octets.len > 0 && !memchr(octets.data, '\0', octets.len);
}

static bool add(struct tls_names *names, const GENERAL_NAME *name)
{
	struct slice octets = octets_of(name->d.dNSName);
	char *copy = strndup((const char *)octets.data, octets.len);

	if (copy)
		names->list[names->count++] = copy;
	return copy != NULL;
}

bool tls_names_init(struct tls_names *names, X509 *certificate)
{
	GENERAL_NAMES *found = read_names(certificate);
	size_t most = (size_t)(found ? sk_GENERAL_NAME_num(found) : 0);
	bool is_whole;

	*names = (struct tls_names){ .list = calloc(most + 1, sizeof(char *)) };
	is_whole = names->list != NULL;
	for (size_t i = 0; i < most && is_whole; i++) {
		const GENERAL_NAME *name = sk_GENERAL_NAME_value(found, (int)i);

		is_whole = !is_host(name) || add(names, name);
	}
	GENERAL_NAMES_free(found);
	return is_whole;
}

void tls_names_finish(struct tls_names *names)
{
	for (size_t i = 0; i < names->count; i++)
		free(names->list[i]);
	free(names->list);
	*names = (struct tls_names){ 0 };
}

bool tls_names_have(const struct tls_names *names, struct slice host)
{
	for (size_t i = 0; i < names->count; i++) {
		if (tls_host_same(slice_from_text(names->list[i]), host))
			return true;
	}
	return false;
}

bool tls_names_cover(const struct tls_names *names, struct slice host)
{
	for (size_t i = 0; i < names->count; i++) {
		if (tls_host_covers(slice_from_text(names->list[i]), host))
			return true;
	}
	return false;
}

const char *tls_names_shared(const struct tls_names *names,
                             const struct tls_names *others)
{
	for (size_t i = 0; i < names->count; i++) {
		if (tls_names_have(others, slice_from_text(names->list[i])))
			return names->list[i];
	}
	return NULL;
}

/* A DNS name or an address, as text; "" for any other sort of name. */
static void name_text(const GENERAL_NAME *name, char *out, size_t size)
{
	struct slice octets;

	out[0] = '\0';
	if (name->type == GEN_DNS) {
		octets = octets_of(name->d.dNSName);
		snprintf(out, size, "%.*s", (int)octets.len,
		         (const char *)octets.data);
	} else if (name->type == GEN_IPADD) {
		octets = octets_of(name->d.iPAddress);
		if (octets.len == IPV4_BYTES || octets.len == IPV6_BYTES)
			inet_ntop(octets.len == IPV4_BYTES ? AF_INET : AF_INET6,
			          octets.data, out, (socklen_t)size);
	}
}

size_t tls_names_write(X509 *certificate, bool is_continued, char *out,
                       size_t size)
{
	GENERAL_NAMES *names = read_names(certificate);
	size_t len = 0;

	out[0] = '\0';
	for (int i = 0; i < sk_GENERAL_NAME_num(names) && len < size; i++) {
		char text[NAME_BYTES];

		name_text(sk_GENERAL_NAME_value(names, i), text, sizeof text);
		if (text[0] != '\0')
			len += (size_t)snprintf(
			    out + len, size - len, "%s%s",
			    len > 0 || is_continued ? ", " : "", text);
	}
	GENERAL_NAMES_free(names);
	return len;
}
