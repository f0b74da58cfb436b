/* SPDX-License-Identifier: Apache-2.0 */
#include "tls/listener.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "base/log.h"
#include "tls/authority.h"
#include "tls/certificate.h"
#include "tls/suites.h"
#include "tls/tickets.h"

#define CLIENT_TICKET_S                                                        \
	3600 /* how long one of a client with a certificate is                 \
	        good */

struct tls_listener {
	struct tls_certificate *certificates;
	size_t count;
	enum config_profile profile;
	enum config_client_certificate wish;
	struct tls_authority *authority; /* NULL: no client is asked */
};

/* Reading. */

/* The group's own pair, then those of its list. */
static struct config_certificate
pair_of(const struct config_listener_tls *config, size_t index)
{
	if (index > 0)
		return config->certificates[index - 1];
	return (struct config_certificate){ .certificate = config->certificate,
		                            .key = config->key };
}

static bool read_pairs(struct tls_listener *listener,
                       const struct config_listener_tls *config,
                       struct problems *problems)
{
	bool are_good = true;

	for (size_t i = 0; i <= config->certificate_count; i++) {
		struct config_certificate pair = pair_of(config, i);

		if (pair.certificate.value && pair.key.value &&
		    tls_certificate_read(
		        &listener->certificates[listener->count],
		        &pair.certificate, &pair.key, problems))
			listener->count++;
		else
			are_good = false;
	}
	return are_good;
}

/* Whoever asks for a name that an earlier one has gets that. */
static void check_shared(const struct tls_listener *listener, size_t index,
                         const struct config_listener_tls *config,
                         struct problems *problems)
{
	const struct tls_certificate *later = &listener->certificates[index];
	struct config_certificate pair = pair_of(config, index);

	for (size_t i = 0; i < index; i++) {
		const struct tls_certificate *earlier =
		    &listener->certificates[i];
		const char *name =
		    tls_names_shared(&earlier->names, &later->names);

		if (name && !tls_certificate_goes_with(earlier, later))
			problem_warning(problems, pair.certificate.place,
			                "certificate \"%s\": for \"%s\" "
			                "\"%s\" is shown, which comes before",
			                pair.certificate.value, name,
			                pair_of(config, i).certificate.value);
	}
}

static void check_wishes(const struct config_listener_tls *config,
                         struct problems *problems)
{
	const struct config_text *idle =
	    config->client_ca.value ? &config->client_ca : &config->client_crl;

	if (config->client_certificate == CONFIG_CLIENT_CERTIFICATE_NONE &&
	    idle->value)
		problem_warning(problems, idle->place,
		                "\"%s\" is not used: no client is asked for a "
		                "certificate without client_certificate = "
		                "\"optional\" or \"required\"",
		                idle->value);
}

static bool read_all(struct tls_listener *listener,
                     const struct config_listener_tls *config,
                     struct problems *problems)
{
	bool are_good = read_pairs(listener, config, problems);

	for (size_t i = 0; i < listener->count && are_good; i++) {
		struct config_certificate pair = pair_of(config, i);

		tls_certificate_check_names(&listener->certificates[i],
		                            &pair.certificate, problems);
		check_shared(listener, i, config, problems);
	}
	check_wishes(config, problems);
	if (listener->wish == CONFIG_CLIENT_CERTIFICATE_NONE)
		return are_good;
	listener->authority = tls_authority_create(config, problems);
	return are_good && listener->authority;
}

struct tls_listener *
tls_listener_create(const struct config_listener_tls *config,
                    struct problems *problems)
{
	struct tls_listener *listener = calloc(1, sizeof *listener);

	if (!listener)
		return NULL;
	listener->profile = config->profile;
	listener->wish = config->client_certificate;
	listener->certificates = calloc(config->certificate_count + 1,
	                                sizeof *listener->certificates);
	if (listener->certificates && read_all(listener, config, problems))
		return listener;
	tls_listener_destroy(listener);
	return NULL;
}

void tls_listener_destroy(struct tls_listener *listener)
{
	if (!listener)
		return;
	for (size_t i = 0; i < listener->count; i++)
		tls_certificate_finish(&listener->certificates[i]);
	free(listener->certificates);
	tls_authority_destroy(listener->authority);
	free(listener);
}

/* What it is. */

struct tls_stamps tls_listener_stamps(const struct tls_listener *listener)
{
	struct tls_stamps stamps = { 0 };

	for (size_t i = 0; i < listener->count; i++) {
		tls_stamps_add(&stamps,
		               &listener->certificates[i].certificate_stamp);
		tls_stamps_add(&stamps, &listener->certificates[i].key_stamp);
	}
	if (listener->authority)
		tls_authority_add_stamps(listener->authority, &stamps);
	return stamps;
}

static uint64_t add_to_print(uint64_t print, const unsigned char *digest)
{
	uint64_t part;

	memcpy(&part, digest, sizeof part);
	return print * 31 + part;
}

/* The key is told by its certificate: they are a pair. */
static uint64_t add_certificate(uint64_t print,
                                const struct tls_certificate *certificate)
{
	unsigned char digest[EVP_MAX_MD_SIZE] = { 0 };
	const STACK_OF(X509) *chain = certificate->chain;

	X509_digest(certificate->leaf, EVP_sha256(), digest, NULL);
	print = add_to_print(print, digest);
	for (int i = 0; i < sk_X509_num(chain); i++) {
		X509_digest(sk_X509_value(chain, i), EVP_sha256(), digest,
		            NULL);
		print = add_to_print(print, digest);
	}
	return print;
}

uint64_t tls_listener_print(const struct tls_listener *listener)
{
	uint64_t print = 0;

	for (size_t i = 0; i < listener->count; i++)
		print = add_certificate(print, &listener->certificates[i]);
	if (listener->authority)
		print = add_to_print(print,
		                     tls_authority_print(listener->authority));
	return print;
}

uint64_t tls_listener_expiry(const struct tls_listener *listener)
{
	uint64_t first = UINT64_MAX;

	for (size_t i = 0; i < listener->count; i++) {
		uint64_t end = tls_listener_facts(listener, i).end_s;

		first = end < first ? end : first;
	}
	return first;
}

size_t tls_listener_count(const struct tls_listener *listener)
{
	return listener->count;
}

struct tls_facts tls_listener_facts(const struct tls_listener *listener,
                                    size_t index)
{
	return tls_facts_of(&listener->certificates[index]);
}

uint64_t tls_listener_demands(const struct tls_listener *listener)
{
	return listener->authority
	           ? add_to_print(0, tls_authority_print(listener->authority))
	           : 0;
}

size_t tls_listener_find(const struct tls_listener *listener, struct slice host)
{
	for (size_t i = 0; i < listener->count; i++) {
		if (tls_names_have(&listener->certificates[i].names, host))
			return i;
	}
	for (size_t i = 0; i < listener->count; i++) {
		if (tls_names_cover(&listener->certificates[i].names, host))
			return i;
	}
	return 0;
}

/* Contexts. */

static bool set_protocol(SSL_CTX *context, enum config_profile profile)
{
	int oldest =
	    profile == CONFIG_PROFILE_MODERN ? TLS1_3_VERSION : TLS1_2_VERSION;

	SSL_CTX_set_options(context,
	                    SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
	return SSL_CTX_set_min_proto_version(context, oldest) == 1 &&
	       SSL_CTX_set_cipher_list(context, TLS_SUITES_12) == 1 &&
	       SSL_CTX_set1_groups_list(context, TLS_GROUPS) == 1 &&
	       SSL_CTX_set_max_early_data(context, 0) == 1;
}

/* Each sort of key has a place of its own in a context. */
static bool set_certificate(SSL_CTX *context,
                            const struct tls_certificate *certificate)
{
	return SSL_CTX_use_cert_and_key(context, certificate->leaf,
	                                certificate->key, certificate->chain,
	                                1) == 1;
}

/* The first that goes with it has the place: they come last to first. */
static bool set_certificates(SSL_CTX *context,
                             const struct tls_listener *listener, size_t main)
{
	const struct tls_certificate *certificate =
	    &listener->certificates[main];
	bool are_set = true;

	for (size_t i = listener->count; i-- > 0 && are_set;) {
		const struct tls_certificate *other =
		    &listener->certificates[i];

		if (tls_certificate_goes_with(certificate, other))
			are_set = set_certificate(context, other);
	}
	return are_set && set_certificate(context, certificate);
}

/*
 * Who comes back with a ticket is not looked up in the revocation lists: so
 * everybody shows his certificate every now and then.
 */
static bool set_clients(SSL_CTX *context, const struct tls_listener *listener)
{
	static const int modes[] = {
		[CONFIG_CLIENT_CERTIFICATE_NONE] = SSL_VERIFY_NONE,
		[CONFIG_CLIENT_CERTIFICATE_OPTIONAL] = SSL_VERIFY_PEER,
		[CONFIG_CLIENT_CERTIFICATE_REQUIRED] =
		    SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
	};

	SSL_CTX_set_verify(context, modes[listener->wish], NULL);
	if (!listener->authority)
		return true;
	SSL_CTX_set_timeout(context, CLIENT_TICKET_S);
	return tls_authority_apply(listener->authority, context);
}

bool tls_listener_apply(const struct tls_listener *listener, size_t certificate,
                        const struct tls_tickets *tickets, SSL_CTX *context)
{
	tls_tickets_set_scope(tickets, tls_listener_demands(listener), context);
	if (set_protocol(context, listener->profile) &&
	    tls_tickets_apply(tickets, context) &&
	    set_clients(context, listener) &&
	    set_certificates(context, listener, certificate))
		return true;
	log_error("TLS could not be set up",
	          LOG_FIELDS(log_text(
	              "why", ERR_reason_error_string(ERR_get_error()))));
	return false;
}

const char *tls_version(const SSL *connection)
{
	return connection ? SSL_get_version(connection) : "-";
}
