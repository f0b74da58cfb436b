/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whole handshakes in memory, with a server for each worker that might be
 * met.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "base/ticket_keys.h"
#include "tls/tickets.h"

#define DAY_MS UINT64_C(86400000)
#define HOUR_S 3600

static const int versions[] = { TLS1_2_VERSION, TLS1_3_VERSION };

#define VERSIONS (sizeof versions / sizeof *versions)

static EVP_PKEY *key;
static X509 *certificate;
static struct ticket_keys keys;
static uint64_t days; /* since they began */

static int make_certificate(void **state)
{
	(void)state;
	key = EVP_EC_gen("P-256");
	certificate = X509_new();
	X509_set_version(certificate, X509_VERSION_3);
	X509_gmtime_adj(X509_getm_notBefore(certificate), -HOUR_S);
	X509_gmtime_adj(X509_getm_notAfter(certificate), HOUR_S);
	X509_set_pubkey(certificate, key);
	return X509_sign(certificate, key, EVP_sha256()) > 0 ? 0 : -1;
}

static int drop_certificate(void **state)
{
	(void)state;
	X509_free(certificate);
	EVP_PKEY_free(key);
	return 0;
}

static int begin(void **state)
{
	(void)state;
	days = 0;
	keys = (struct ticket_keys){ 0 };
	return ticket_keys_begin(&keys, 0) ? 0 : -1;
}

static void a_day_passes(void)
{
	assert_true(ticket_keys_look(&keys, ++days * DAY_MS));
}

static SSL_CTX *server_of(const char *listener, uint64_t demands)
{
	const struct tls_tickets tickets = { &keys, listener };
	SSL_CTX *server = SSL_CTX_new(TLS_server_method());

	assert_int_equal(SSL_CTX_use_certificate(server, certificate), 1);
	assert_int_equal(SSL_CTX_use_PrivateKey(server, key), 1);
	assert_true(tls_tickets_apply(&tickets, server));
	tls_tickets_set_scope(&tickets, demands, server);
	return server;
}

static void join(SSL *client, SSL *server)
{
	BIO *near;
	BIO *far;

	assert_int_equal(BIO_new_bio_pair(&near, 0, &far, 0), 1);
	SSL_set_bio(client, near, near);
	SSL_set_bio(server, far, far);
	SSL_set_connect_state(client);
	SSL_set_accept_state(server);
}

struct visit {
	bool is_resumed;
	SSL_SESSION *ticket; /* owned; that was given, if one was */
};

static int keep_ticket(SSL *client, SSL_SESSION *session)
{
	SSL_SESSION **ticket = SSL_get_app_data(client);

	SSL_SESSION_free(*ticket);
	*ticket = session;
	return 1;
}

static void talk(SSL *client, SSL *server)
{
	char octet = '.';

	for (int i = 0; i < 8; i++) {
		SSL_do_handshake(client);
		SSL_do_handshake(server);
	}
	assert_true(SSL_is_init_finished(client));
	assert_true(SSL_is_init_finished(server));
	assert_int_equal(SSL_write(server, &octet, 1), 1);
	assert_int_equal(SSL_read(client, &octet, 1), 1);
}

static SSL_CTX *client_of(int version)
{
	SSL_CTX *client = SSL_CTX_new(TLS_client_method());

	SSL_CTX_set_min_proto_version(client, version);
	SSL_CTX_set_max_proto_version(client, version);
	SSL_CTX_set_session_cache_mode(client, SSL_SESS_CACHE_CLIENT |
	                                           SSL_SESS_CACHE_NO_INTERNAL);
	SSL_CTX_sess_set_new_cb(client, keep_ticket);
	return client;
}

static bool is_same_ticket(const SSL_SESSION *a, const SSL_SESSION *b)
{
	const unsigned char *octets[2];
	size_t lens[2];

	SSL_SESSION_get0_ticket(a, &octets[0], &lens[0]);
	SSL_SESSION_get0_ticket(b, &octets[1], &lens[1]);
	return lens[0] == lens[1] && memcmp(octets[0], octets[1], lens[0]) == 0;
}

/* OpenSSL calls nobody for a ticket that takes the place of another. */
static void keep_renewed(SSL *client, const SSL_SESSION *shown)
{
	SSL_SESSION *now = SSL_get1_session(client);

	if (shown && SSL_session_reused(client) &&
	    SSL_version(client) < TLS1_3_VERSION && !is_same_ticket(now, shown))
		keep_ticket(client, now);
	else
		SSL_SESSION_free(now);
}

/* A browser that may have a ticket of before comes to `context`. */
static struct visit visit(SSL_CTX *context, int version, SSL_SESSION *shown)
{
	struct visit visit = { 0 };
	SSL_CTX *origin = client_of(version);
	SSL *client = SSL_new(origin);
	SSL *server = SSL_new(context);

	SSL_set_app_data(client, &visit.ticket);
	if (shown)
		assert_int_equal(SSL_set_session(client, shown), 1);
	join(client, server);
	talk(client, server);
	keep_renewed(client, shown);
	visit.is_resumed = SSL_session_reused(client) == 1;
	assert_int_equal(SSL_CTX_sess_number(context), 0);
	SSL_shutdown(client);
	SSL_free(client);
	SSL_free(server);
	SSL_CTX_free(origin);
	return visit;
}

static void leave(struct visit *visit)
{
	SSL_SESSION_free(visit->ticket);
	visit->ticket = NULL;
}

/* What becomes of a ticket of `from` at `to`, after so many days. */
static struct visit come_back(int version, SSL_CTX *from, SSL_CTX *to,
                              unsigned later_days)
{
	struct visit first = visit(from, version, NULL);
	struct visit second;

	assert_false(first.is_resumed);
	assert_non_null(first.ticket);
	for (unsigned i = 0; i < later_days; i++)
		a_day_passes();
	second = visit(to, version, first.ticket);
	leave(&first);
	SSL_CTX_free(from);
	SSL_CTX_free(to);
	return second;
}

static void a_ticket_is_good_at_every_worker(void **state)
{
	(void)state;
	for (size_t i = 0; i < VERSIONS; i++) {
		struct visit seen = come_back(versions[i], server_of("a", 0),
		                              server_of("a", 0), 0);

		assert_true(seen.is_resumed);
		leave(&seen);
	}
}

/* In TLS 1.2 the ticket of before is still the best; in 1.3 none is again. */
static void only_tls_1_3_gives_another_ticket_on_the_same_day(void **state)
{
	(void)state;
	for (size_t i = 0; i < VERSIONS; i++) {
		struct visit seen = come_back(versions[i], server_of("a", 0),
		                              server_of("a", 0), 0);

		assert_int_equal(seen.ticket != NULL,
		                 versions[i] == TLS1_3_VERSION);
		leave(&seen);
	}
}

static void a_ticket_of_yesterday_is_good_and_renewed(void **state)
{
	(void)state;
	for (size_t i = 0; i < VERSIONS; i++) {
		SSL_CTX *later = server_of("a", 0);
		struct visit seen = come_back(versions[i], server_of("a", 0),
		                              server_of("a", 0), 1);

		assert_true(seen.is_resumed);
		assert_non_null(seen.ticket);
		a_day_passes();

		struct visit again = visit(later, versions[i], seen.ticket);

		assert_true(again.is_resumed);
		leave(&seen);
		leave(&again);
		SSL_CTX_free(later);
	}
}

static void a_ticket_of_the_day_before_is_worth_nothing(void **state)
{
	(void)state;
	for (size_t i = 0; i < VERSIONS; i++) {
		struct visit seen = come_back(versions[i], server_of("a", 0),
		                              server_of("a", 0), 2);

		assert_false(seen.is_resumed);
		assert_non_null(seen.ticket);
		leave(&seen);
	}
}

static void a_ticket_of_another_gateway_is_worth_nothing(void **state)
{
	(void)state;
	for (size_t i = 0; i < VERSIONS; i++) {
		SSL_CTX *here = server_of("a", 0);
		struct visit first = visit(here, versions[i], NULL);

		begin(NULL);

		struct visit second = visit(here, versions[i], first.ticket);

		assert_false(second.is_resumed);
		leave(&first);
		leave(&second);
		SSL_CTX_free(here);
	}
}

static void a_ticket_is_worth_nothing_at_another_listener(void **state)
{
	(void)state;
	for (size_t i = 0; i < VERSIONS; i++) {
		struct visit seen = come_back(versions[i], server_of("a", 0),
		                              server_of("b", 0), 0);

		assert_false(seen.is_resumed);
		leave(&seen);
	}
}

static void a_ticket_is_worth_nothing_where_more_is_demanded(void **state)
{
	(void)state;
	for (size_t i = 0; i < VERSIONS; i++) {
		struct visit seen = come_back(versions[i], server_of("a", 1),
		                              server_of("a", 2), 0);

		assert_false(seen.is_resumed);
		leave(&seen);
	}
}

static void a_ticket_is_good_for_a_day(void **state)
{
	SSL_CTX *server = server_of("a", 0);

	(void)state;
	for (size_t i = 0; i < VERSIONS; i++) {
		struct visit seen = visit(server, versions[i], NULL);

		assert_int_equal(
		    SSL_SESSION_get_ticket_lifetime_hint(seen.ticket),
		    TICKET_KEYS_LIFE_S);
		leave(&seen);
	}
	SSL_CTX_free(server);
}

static void a_browser_that_wants_none_is_not_remembered(void **state)
{
	SSL_CTX *server = server_of("a", 0);
	SSL_CTX *origin = client_of(TLS1_2_VERSION);

	(void)state;
	SSL_CTX_set_options(origin, SSL_OP_NO_TICKET);
	for (int i = 0; i < 3; i++) {
		SSL *client = SSL_new(origin);
		SSL *near = SSL_new(server);
		SSL_SESSION *ticket = NULL;

		SSL_set_app_data(client, &ticket);
		join(client, near);
		talk(client, near);
		assert_int_equal(SSL_CTX_sess_number(server), 0);
		SSL_SESSION_free(ticket);
		SSL_free(client);
		SSL_free(near);
	}
	SSL_CTX_free(origin);
	SSL_CTX_free(server);
}

#define ticket_test(name) cmocka_unit_test_setup(name, begin)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ticket_test(a_ticket_is_good_at_every_worker),
		ticket_test(only_tls_1_3_gives_another_ticket_on_the_same_day),
		ticket_test(a_ticket_of_yesterday_is_good_and_renewed),
		ticket_test(a_ticket_of_the_day_before_is_worth_nothing),
		ticket_test(a_ticket_of_another_gateway_is_worth_nothing),
		ticket_test(a_ticket_is_worth_nothing_at_another_listener),
		ticket_test(a_ticket_is_worth_nothing_where_more_is_demanded),
		ticket_test(a_ticket_is_good_for_a_day),
		ticket_test(a_browser_that_wants_none_is_not_remembered),
	};

	return cmocka_run_group_tests(tests, make_certificate,
	                              drop_certificate);
}
