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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(route_without_origins_gets_a_warning),
		cmocka_unit_test(route_for_programs_needs_no_origins),
		cmocka_unit_test(admin_that_others_can_reach_gets_a_warning),
		cmocka_unit_test(both_families_may_have_the_same_port),
		cmocka_unit_test(usual_paths_are_taken),
		cmocka_unit_test(nameless_upstream_is_not_said_to_be_unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
