/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an operator is told about client_id, and where.
 */
#include "policy/review_client_id.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../config/expect.h"
#include "config/config.h"
#include "config/load.h"

#define PLAIN ""
#define INJECTS "username = \"web\"; inject = true;"
#define FORGETS "persistent = false;"

/*
 * A route with `settings`, and its client_id in line 3; the listener wants
 * `wish` of clients.
 */
static struct problems review_with(enum config_client_certificate wish,
                                   const char *upstream, const char *settings,
                                   const char *client_id)
{
	struct problems problems;
	struct config *config;
	char text[1000];

	snprintf(text, sizeof(text),
	         "upstreams = ( { name = \"u\"; servers = [\"x\"]; %s } );\n"
	         "routes = ( { path = \"/r\"; upstream = \"u\"; %s\n"
	         "client_id = \"%s\"; } );\n" GOOD_LISTENERS,
	         upstream, settings, client_id);
	problems_init(&problems);
	config = config_load_text("f", text, &problems);
	assert_non_null(config);
	expect_counts(&problems, 0, 0);
	config->listeners[0].tls.client_certificate = wish;
	review_client_id(config, &config->routes[0], &problems);
	config_unload(config);
	return problems;
}

static struct problems review(const char *upstream, const char *settings,
                              const char *client_id)
{
	return review_with(CONFIG_CLIENT_CERTIFICATE_NONE, upstream, settings,
	                   client_id);
}

static void expect_nothing(const char *upstream, const char *settings,
                           const char *client_id)
{
	struct problems problems = review(upstream, settings, client_id);

	expect_counts(&problems, 0, 0);
	problems_finish(&problems);
}

static void expect_one_error(const char *upstream, const char *settings,
                             const char *client_id, const char *text)
{
	struct problems problems = review(upstream, settings, client_id);

	expect_counts(&problems, 1, 0);
	expect_error(&problems, 3, text);
	problems_finish(&problems);
}

static void good_settings_have_no_problem(void **state)
{
	(void)state;
	expect_nothing(PLAIN, "", "any");
	expect_nothing(PLAIN, "", "match:${user}-${client}");
	expect_nothing(PLAIN, "", "rewrite:${user}-${client}");
	expect_nothing(PLAIN, FORGETS, "rewrite:web-${session}");
	expect_nothing(INJECTS, "", "match:web-${client}");
}

static void bad_setting_is_an_error_at_its_line(void **state)
{
	(void)state;
	expect_one_error(PLAIN, "", "every", "client_id \"every\": ");
	expect_one_error(PLAIN, "", "match:", "client_id \"match:\": ");
	expect_one_error(PLAIN, "", "rewrite:${usr}", "${usr}");
}

static void session_needs_one_that_is_not_kept(void **state)
{
	(void)state;
	expect_one_error(PLAIN, "", "rewrite:web-${session}",
	                 "persistent = false");
	expect_one_error(PLAIN, "persistent = true;", "rewrite:${session}",
	                 "persistent = false");
}

static void user_needs_one_that_can_be_verified(void **state)
{
	(void)state;
	expect_one_error(INJECTS, "", "rewrite:${user}-${client}",
	                 "nobody has a ${user}");
	expect_one_error(INJECTS, "", "match:${user}", "nobody has a ${user}");
}

#define JSON "kind = \"json\";"
#define CHANNEL "kind = \"channel\"; publish = \"a\";"

static void pages_have_no_client_id_that_could_match(void **state)
{
	(void)state;
	expect_one_error(PLAIN, JSON, "match:web-${client}",
	                 "bring no client id that could match");
	expect_one_error(PLAIN, CHANNEL, "match:web", "use rewrite:");
	expect_nothing(PLAIN, JSON, "any");
	expect_nothing(PLAIN, JSON, "rewrite:web-${client}");
	expect_nothing(PLAIN, CHANNEL FORGETS, "rewrite:web-${session}");
	expect_one_error(PLAIN, JSON, "rewrite:web-${session}",
	                 "persistent = false");
}

static void pages_have_no_user(void **state)
{
	(void)state;
	expect_one_error(PLAIN, JSON, "rewrite:${user}-${client}",
	                 "nobody has a ${user}");
	expect_one_error(INJECTS, CHANNEL, "rewrite:${user}-${client}",
	                 "nobody has a ${user}");
}

static void a_certificate_gives_any_route_a_user(void **state)
{
	static const char *const kinds[] = { "", JSON, CHANNEL };

	(void)state;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct problems problems =
		    review_with(CONFIG_CLIENT_CERTIFICATE_OPTIONAL, INJECTS,
		                kinds[i], "rewrite:${user}-${client}");

		expect_counts(&problems, 0, 0);
		problems_finish(&problems);
	}
}

static void both_faults_are_told_at_once(void **state)
{
	struct problems problems =
	    review(INJECTS, "", "rewrite:${user}-${session}");

	(void)state;
	expect_counts(&problems, 2, 0);
	problems_finish(&problems);
}

static void one_id_for_all_gets_a_warning(void **state)
{
	struct problems problems = review(PLAIN, "", "rewrite:web");

	(void)state;
	expect_counts(&problems, 0, 1);
	expect_warning(&problems, 3, "the same for all");
	problems_finish(&problems);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_settings_have_no_problem),
		cmocka_unit_test(bad_setting_is_an_error_at_its_line),
		cmocka_unit_test(session_needs_one_that_is_not_kept),
		cmocka_unit_test(user_needs_one_that_can_be_verified),
		cmocka_unit_test(pages_have_no_client_id_that_could_match),
		cmocka_unit_test(pages_have_no_user),
		cmocka_unit_test(a_certificate_gives_any_route_a_user),
		cmocka_unit_test(both_faults_are_told_at_once),
		cmocka_unit_test(one_id_for_all_gets_a_warning),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
