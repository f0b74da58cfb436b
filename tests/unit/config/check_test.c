/* SPDX-License-Identifier: Apache-2.0 */
/* The errors have a file each in tests/config/bad: here is the rest. */
#include "config/check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "config/config.h"
#include "config/load.h"
#include "expect.h"

static struct problems check(const char *text)
{
	struct problems problems;
	struct config *config;

	problems_init(&problems);
	config = config_load_text("f", text, &problems);
	assert_non_null(config);
	config_check(config, &problems);
	config_unload(config);
	return problems;
}

static void expect_clean(const char *text)
{
	struct problems problems = check(text);

	expect_counts(&problems, 0, 0);
	problems_finish(&problems);
}

static void expect_one_warning(const char *text, unsigned line,
                               const char *warning)
{
	struct problems problems = check(text);

	expect_counts(&problems, 0, 1);
	expect_warning(&problems, line, warning);
	problems_finish(&problems);
}

static void route_without_origins_gets_a_warning(void **state)
{
	(void)state;
	expect_one_warning(GOOD_LISTENERS GOOD_UPSTREAMS
	                   "routes = (\n{ path = \"/\"; upstream = \"a\"; } );",
	                   4, "refuses every browser");
}

static void route_for_programs_needs_no_origins(void **state)
{
	(void)state;
	expect_clean(GOOD_LISTENERS GOOD_UPSTREAMS
	             "routes = ( { path = \"/\"; upstream = \"a\"; "
	             "absent = \"allow\"; } );");
}

static void admin_that_others_can_reach_gets_a_warning(void **state)
{
	(void)state;
	expect_clean(GOOD "admin = { listen = \"127.0.0.1:9464\"; };");
	expect_clean(GOOD "admin = { listen = \"[::1]:9464\"; };");
	expect_one_warning(GOOD "admin = { listen = \"0.0.0.0:9464\"; };", 4,
	                   "can be reached from other machines");
	expect_one_warning(GOOD "admin = { listen = \"[::]:9464\"; };", 4,
	                   "can be reached from other machines");
}

static void both_families_may_have_the_same_port(void **state)
{
	(void)state;
	expect_clean("listeners = ( { address = \"0.0.0.0\"; port = 80; },"
	             "{ address = \"::\"; port = 80; },"
	             "{ address = \"0.0.0.0\"; port = 81; } );" GOOD_UPSTREAMS
	                 GOOD_ROUTES);
}

static void usual_paths_are_taken(void **state)
{
	static const char *const paths[] = { "/",     "/mqtt", "/*",
		                             "/a/*",  "/a.b",  "/.well-known/x",
		                             "/a..b", "/...",  "/mqtt/" };

	(void)state;
	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
		char text[500];

		snprintf(text, sizeof(text),
		         GOOD_LISTENERS GOOD_UPSTREAMS
		         "routes = ( { path = \"%s\"; upstream = \"a\"; "
		         "origins = [\"self\"]; } );",
		         paths[i]);
		expect_clean(text);
	}
}

static void nameless_upstream_is_not_said_to_be_unknown(void **state)
{
	struct problems problems =
	    check(GOOD_LISTENERS "upstreams = ( { nmae = \"a\"; servers = "
	                         "[\"x\"]; } );\n" GOOD_ROUTES);

	(void)state;
	expect_counts(&problems, 2, 0);
	expect_error(&problems, 2, "did you mean \"name\"?");
	expect_error(&problems, 2, "wants \"name\"");
	problems_finish(&problems);
}

#define LOGIN                                                                  \
	"upstreams = ( { name = \"a\"; servers = [\"mqtt://a\"]; username = "  \
	"\"web\"; inject = true; } );\n"
#define ACLS "acls = ( { name = \"some\"; rules = []; } );\n"
#define ROUTE(settings)                                                        \
	"routes = ( { path = \"/\"; upstream = \"a\"; origins = "              \
	"[\"self\"]; " settings " } );\n"

static void acl_that_no_route_uses_gets_a_warning(void **state)
{
	(void)state;
	expect_one_warning(GOOD ACLS, 4, "no route uses the ACL \"some\"");
	expect_clean(
	    GOOD_LISTENERS GOOD_UPSTREAMS ACLS ROUTE("acl = \"some\";"));
}

static void nameless_acl_is_not_said_to_be_unknown(void **state)
{
	struct problems problems =
	    check(GOOD_LISTENERS GOOD_UPSTREAMS
	          "acls = ( { nmae = \"some\"; "
	          "rules = []; } );\n" ROUTE("acl = \"some\";"));

	(void)state;
	expect_counts(&problems, 2, 0);
	expect_error(&problems, 3, "did you mean \"name\"?");
	expect_error(&problems, 3, "this ACL wants \"name\"");
	problems_finish(&problems);
}

static void login_that_is_not_injected_gets_a_warning(void **state)
{
	struct problems problems =
	    check(GOOD_LISTENERS "upstreams = ( { name = \"a\"; "
	                         "servers = [\"mqtt://a\"];\n"
	                         "username = \"web\";\n"
	                         "password_file = \"/p\"; } );\n" GOOD_ROUTES);

	(void)state;
	expect_counts(&problems, 0, 2);
	expect_warning(&problems, 3, "nothing uses this username");
	expect_warning(&problems, 4, "nothing uses this password_file");
	problems_finish(&problems);
}

static void login_for_anybody_is_taken_when_it_is_meant(void **state)
{
	(void)state;
	expect_clean(GOOD_LISTENERS LOGIN ACLS ROUTE(
	    "acl = \"some\"; anonymous = true;"));
}

static void login_for_anybody_is_refused_when_it_is_not(void **state)
{
	static const char *const texts[] = {
		GOOD_LISTENERS LOGIN GOOD_ROUTES,
		GOOD_LISTENERS LOGIN ROUTE("anonymous = true;"),
		GOOD_LISTENERS LOGIN ACLS ROUTE("acl = \"some\";"),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		struct problems problems = check(texts[i]);

		assert_int_equal(problems.errors, 1);
		assert_non_null(strstr(problems.list[0].text,
		                       "route \"/\" leads to upstream \"a\""));
		assert_non_null(
		    strstr(problems.list[0].text,
		           "anyone who can reach this port gets this login"));
		problems_finish(&problems);
	}
}

static void login_is_for_those_who_show_a_certificate(void **state)
{
	static const char named[] =
	    "listeners = ( { address = \"::1\"; port = 1; tls = { certificate "
	    "= "
	    "\"c\"; key = \"k\"; client_ca = \"a\"; client_certificate = "
	    "\"required\"; }; } );\n" LOGIN GOOD_ROUTES;
	static const char perhaps[] =
	    "listeners = ( { address = \"::1\"; port = 1; tls = { certificate "
	    "= "
	    "\"c\"; key = \"k\"; client_ca = \"a\"; client_certificate = "
	    "\"optional\"; }; } );\n" LOGIN GOOD_ROUTES;
	struct problems problems = check(perhaps);

	(void)state;
	assert_int_equal(problems.errors, 1);
	problems_finish(&problems);
	expect_clean(named);
}

static void anonymous_without_a_login_gets_a_warning(void **state)
{
	(void)state;
	expect_one_warning(
	    GOOD_LISTENERS GOOD_UPSTREAMS ROUTE("anonymous = true;"), 3,
	    "anonymous = true has no effect");
}

static void limit_by_address_where_there_is_one_gets_a_warning(void **state)
{
	static const char *const limits[] = { "handshakes_per_s_per_address",
		                              "connections_per_address" };
	static const char *const here[] = {
		"address = \"127.0.0.1\"; port = 1;",
		"address = \"::1\"; port = 1;", "unix = \"/run/w\";"
	};
	char text[500];

	(void)state;
	for (size_t i = 0; i < 6; i++) {
		snprintf(text, sizeof(text),
		         "listeners = ( { %s %s = 1; } );\n"
		         "%s",
		         here[i / 2], limits[i % 2],
		         GOOD_UPSTREAMS GOOD_ROUTES);
		expect_one_warning(text, 1, limits[i % 2]);
	}
	expect_clean("listeners = ( { address = \"0.0.0.0\"; port = 1; "
	             "connections_per_address = 1; "
	             "handshakes_per_s_per_address = 1; } );" GOOD_UPSTREAMS
	                 GOOD_ROUTES);
}

static void limit_by_address_behind_a_trusted_proxy_is_one(void **state)
{
	(void)state;
	expect_clean("listeners = ( { unix = \"/run/w\"; "
	             "trusted_proxies = [\"unix\"]; "
	             "connections_per_address = 1; }, "
	             "{ address = \"::1\"; port = 1; "
	             "trusted_proxies = [\"::1\"]; "
	             "handshakes_per_s_per_address = 1; } );" GOOD_UPSTREAMS
	                 GOOD_ROUTES);
}

static void proxy_that_cannot_be_there_does_not_count(void **state)
{
	(void)state;
	expect_one_warning(
	    "listeners = ( { unix = \"/run/w\"; "
	    "trusted_proxies = [\"10.0.0.7\"]; "
	    "connections_per_address = 1; } );\n" GOOD_UPSTREAMS GOOD_ROUTES,
	    1, "name \"unix\" in trusted_proxies");
	expect_one_warning(
	    "listeners = ( { address = \"::1\"; port = 1; "
	    "trusted_proxies = [\"unix\"]; "
	    "connections_per_address = 1; } );\n" GOOD_UPSTREAMS GOOD_ROUTES,
	    1, "name that proxy in trusted_proxies");
}

#define PER_ADDRESS                                                            \
	GOOD_UPSTREAMS ROUTE("limits = { sessions_per_address = 1; };")

static void sessions_by_address_need_one_open_listener(void **state)
{
	(void)state;
	expect_one_warning(GOOD_LISTENERS PER_ADDRESS, 3,
	                   "sessions_per_address");
	expect_clean("listeners = ( { unix = \"/run/w\"; },"
	             "{ address = \"::\"; port = 1; } );\n" PER_ADDRESS);
	expect_clean("listeners = ( { unix = \"/run/w\"; trusted_proxies = "
	             "[\"unix\"]; } );\n" PER_ADDRESS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(route_without_origins_gets_a_warning),
		cmocka_unit_test(route_for_programs_needs_no_origins),
		cmocka_unit_test(admin_that_others_can_reach_gets_a_warning),
		cmocka_unit_test(both_families_may_have_the_same_port),
		cmocka_unit_test(usual_paths_are_taken),
		cmocka_unit_test(nameless_upstream_is_not_said_to_be_unknown),
		cmocka_unit_test(acl_that_no_route_uses_gets_a_warning),
		cmocka_unit_test(nameless_acl_is_not_said_to_be_unknown),
		cmocka_unit_test(login_that_is_not_injected_gets_a_warning),
		cmocka_unit_test(login_for_anybody_is_taken_when_it_is_meant),
		cmocka_unit_test(login_for_anybody_is_refused_when_it_is_not),
		cmocka_unit_test(login_is_for_those_who_show_a_certificate),
		cmocka_unit_test(anonymous_without_a_login_gets_a_warning),
		cmocka_unit_test(
		    limit_by_address_where_there_is_one_gets_a_warning),
		cmocka_unit_test(
		    limit_by_address_behind_a_trusted_proxy_is_one),
		cmocka_unit_test(proxy_that_cannot_be_there_does_not_count),
		cmocka_unit_test(sessions_by_address_need_one_open_listener),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
