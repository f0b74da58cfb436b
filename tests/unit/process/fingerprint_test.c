/* SPDX-License-Identifier: Apache-2.0 */
#include "process/fingerprint.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "config/config.h"
#include "config/load.h"

#define LISTENERS                                                              \
	"listeners = ( { address = \"::1\"; port = 8083; },\n"                 \
	"{ address = \"::1\"; port = 8084; tls = { certificate = \"c\"; "      \
	"key = \"k\"; }; } );\n"
#define UPSTREAMS                                                              \
	"upstreams = ( { name = \"a\"; servers = [\"mqtt://a\"]; },\n"         \
	"{ name = \"b\"; servers = [\"mqtt://b\"]; } );\n"
#define ACLS "acls = ( { name = \"some\"; rules = [\"allow sub x/#\"]; } );\n"
#define FIRST "{ path = \"/a\"; upstream = \"a\"; acl = \"some\"; }"
#define OTHER "{ path = \"/b\"; upstream = \"b\"; }"
#define ROUTES "routes = ( " FIRST ", " OTHER " );\n"
#define ALL LISTENERS UPSTREAMS ACLS ROUTES

struct read {
	struct config *config;
	struct fingerprint print;
};

static struct read read_text(const char *text)
{
	struct read read = { .config = NULL };
	struct problems problems;

	problems_init(&problems);
	read.config = config_load_text("f", text, &problems);
	problems_print(&problems, stderr);
	assert_int_equal(problems.errors, 0);
	problems_finish(&problems);
	assert_true(fingerprint_init(&read.print, read.config));
	return read;
}

static void forget(struct read *read)
{
	fingerprint_finish(&read->print);
	config_unload(read->config);
}

/* What `after` means for both routes and both listeners of ALL. */
struct expected {
	enum close_reason routes[2];
	enum close_reason listeners[2];
	bool is_same;
};

static void expect(const char *text, struct expected expected)
{
	struct read before = read_text(ALL);
	struct read after = read_text(text);
	struct fingerprint_of old = { before.config, &before.print };
	struct fingerprint_of new = { after.config, &after.print };

	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(fingerprint_of_route(old, i, new),
		                 expected.routes[i]);
		assert_int_equal(fingerprint_of_listener(old, i, new),
		                 expected.listeners[i]);
	}
	assert_int_equal(before.print.whole == after.print.whole,
	                 expected.is_same);
	forget(&before);
	forget(&after);
}

static void the_same_is_the_same_however_it_is_written(void **state)
{
	(void)state;
	expect("# a comment\n" ROUTES ACLS UPSTREAMS LISTENERS,
	       (struct expected){ .is_same = true });
	expect(ALL "log = { level = \"debug\"; };",
	       (struct expected){ .is_same = true });
	expect(ALL "workers = 3;", (struct expected){ .is_same = false });
}

static void the_order_of_routes_means_nothing(void **state)
{
	(void)state;
	expect(LISTENERS UPSTREAMS ACLS "routes = ( " OTHER ", " FIRST " );",
	       (struct expected){ .is_same = false });
}

static void a_route_is_what_it_names(void **state)
{
	(void)state;
	expect(LISTENERS UPSTREAMS
	       "acls = ( { name = \"some\"; rules = []; } );" ROUTES,
	       (struct expected){ .routes = { CLOSE_RELOAD, CLOSE_NONE } });
	expect(LISTENERS
	       "upstreams = ( { name = \"a\"; servers = [\"mqtt://a\"]; }, "
	       "{ name = \"b\"; servers = [\"mqtt://c\"]; } );" ACLS ROUTES,
	       (struct expected){ .routes = { CLOSE_NONE, CLOSE_RELOAD } });
}

static void a_route_that_is_gone_is_another_policy(void **state)
{
	(void)state;
	expect(LISTENERS UPSTREAMS ACLS "routes = ( " OTHER " );",
	       (struct expected){
	           .routes = { CLOSE_POLICY_CHANGED, CLOSE_NONE } });
}

static void a_listener_is_its_address_and_its_rules(void **state)
{
	(void)state;
	expect("listeners = ( { address = \"::1\"; port = 8083; "
	       "header_bytes = 2048; } );" UPSTREAMS ACLS ROUTES,
	       (struct expected){
	           .listeners = { CLOSE_RELOAD, CLOSE_POLICY_CHANGED } });
}

static void certificates_are_no_part_of_a_listener(void **state)
{
	(void)state;
	expect("listeners = ( { address = \"::1\"; port = 8083; },\n"
	       "{ address = \"::1\"; port = 8084; tls = { certificate = "
	       "\"d\"; key = \"l\"; }; } );" UPSTREAMS ACLS ROUTES,
	       (struct expected){ .is_same = false });
}

/* Of the second listener's tls, beside its certificate and key. */
static void expect_tls(const char *more, enum close_reason reason)
{
	char text[1024];

	snprintf(text, sizeof text,
	         "listeners = ( { address = \"::1\"; port = 8083; },\n"
	         "{ address = \"::1\"; port = 8084; tls = { certificate = "
	         "\"c\"; key = \"k\"; %s }; } );\n" UPSTREAMS ACLS ROUTES,
	         more);
	expect(text, (struct expected){ .listeners = { CLOSE_NONE, reason } });
}

static void files_of_certificates_are_no_part_of_a_listener(void **state)
{
	(void)state;
	expect_tls("certificates = ( { certificate = \"d\"; key = \"l\"; } );",
	           CLOSE_NONE);
	expect_tls("client_ca = \"a\"; client_crl = \"b\";", CLOSE_NONE);
}

static void what_is_asked_of_clients_is_part_of_a_listener(void **state)
{
	(void)state;
	expect_tls("profile = \"modern\";", CLOSE_RELOAD);
	expect_tls("client_certificate = \"optional\";", CLOSE_RELOAD);
}

static void plain_text_is_not_what_tls_was(void **state)
{
	(void)state;
	expect("listeners = ( { address = \"::1\"; port = 8083; },\n"
	       "{ address = \"::1\"; port = 8084; } );" UPSTREAMS ACLS ROUTES,
	       (struct expected){ .listeners = { CLOSE_NONE, CLOSE_RELOAD } });
}

static void a_password_is_part_of_its_upstream(void **state)
{
	uint8_t one[] = "one";
	uint8_t two[] = "two";
	struct read before = read_text(ALL);
	struct read after = read_text(ALL);

	(void)state;
	before.config->upstreams[0].password = one;
	before.config->upstreams[0].password_len = sizeof one;
	after.config->upstreams[0].password = two;
	after.config->upstreams[0].password_len = sizeof two;
	fingerprint_finish(&before.print);
	fingerprint_finish(&after.print);
	assert_true(fingerprint_init(&before.print, before.config));
	assert_true(fingerprint_init(&after.print, after.config));
	assert_int_not_equal(before.print.routes[0], after.print.routes[0]);
	assert_int_equal(before.print.routes[1], after.print.routes[1]);
	assert_int_not_equal(before.print.whole, after.print.whole);
	before.config->upstreams[0].password = NULL;
	after.config->upstreams[0].password = NULL;
	forget(&before);
	forget(&after);
}

static void what_its_tls_files_hold_is_part_of_an_upstream(void **state)
{
	struct read before = read_text(ALL);
	struct read after = read_text(ALL);

	(void)state;
	after.config->upstreams[1].tls.print = 1;
	fingerprint_finish(&after.print);
	assert_true(fingerprint_init(&after.print, after.config));
	assert_int_equal(before.print.routes[0], after.print.routes[0]);
	assert_int_not_equal(before.print.routes[1], after.print.routes[1]);
	assert_int_not_equal(before.print.whole, after.print.whole);
	forget(&before);
	forget(&after);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_is_the_same_however_it_is_written),
		cmocka_unit_test(the_order_of_routes_means_nothing),
		cmocka_unit_test(a_route_is_what_it_names),
		cmocka_unit_test(a_route_that_is_gone_is_another_policy),
		cmocka_unit_test(a_listener_is_its_address_and_its_rules),
		cmocka_unit_test(certificates_are_no_part_of_a_listener),
		cmocka_unit_test(
		    files_of_certificates_are_no_part_of_a_listener),
		cmocka_unit_test(
		    what_is_asked_of_clients_is_part_of_a_listener),
		cmocka_unit_test(plain_text_is_not_what_tls_was),
		cmocka_unit_test(a_password_is_part_of_its_upstream),
		cmocka_unit_test(
		    what_its_tls_files_hold_is_part_of_an_upstream),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
