/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an operator is told about ACLs, and where.
 */
#include "policy/review_acl.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../config/expect.h"
#include "config/config.h"
#include "config/load.h"

/* The routes of the tests, in line 3. */
#define USES_IT "acl = \"a\";"
#define OPEN USES_IT " anonymous = true;"
#define PLAIN ""
#define INJECTS "username = \"web\"; inject = true;"

/* An ACL in line 1, its first rule in line 2, an upstream, a route or two. */
static struct problems review(const char *rules, const char *upstream,
                              const char *route, const char *other)
{
	struct problems problems;
	struct config *config;
	char text[2000];

	snprintf(text, sizeof(text),
	         "acls = ( { name = \"a\"; rules = [\n%s]; } );\n"
	         "upstreams = ( { name = \"u\"; servers = [\"x\"]; %s } );\n"
	         "routes = ( { path = \"/r\"; upstream = \"u\"; %s },\n"
	         "{ path = \"/s\"; upstream = \"u\"; %s } );\n" GOOD_LISTENERS,
	         rules, upstream, route, other);
	problems_init(&problems);
	config = config_load_text("f", text, &problems);
	assert_non_null(config);
	expect_counts(&problems, 0, 0);
	review_acl(config, &config->acls[0], &problems);
	config_unload(config);
	return problems;
}

static void expect_nothing(const char *rules, const char *upstream,
                           const char *route)
{
	struct problems problems = review(rules, upstream, route, "");

	expect_counts(&problems, 0, 0);
	problems_finish(&problems);
}

static void expect_one_warning(const char *rules, const char *upstream,
                               const char *route, unsigned line,
                               const char *text)
{
	struct problems problems = review(rules, upstream, route, "");

	expect_counts(&problems, 0, 1);
	expect_warning(&problems, line, text);
	problems_finish(&problems);
}

static void good_rules_have_no_problem(void **state)
{
	(void)state;
	expect_nothing("\"allow pub,sub,retain a/#\", \"deny sub a/b\",\n"
	               "\"allow sub u/${user}/${client}\", \"allow sub "
	               "$share/+/a\", \"allow sub #\"",
	               PLAIN, USES_IT);
}

static void every_bad_rule_is_an_error_at_its_own_line(void **state)
{
	struct problems problems = review("\"allow sub a/#\",\n"
	                                  "\"allow sbu a/#\",\n"
	                                  "\"allow sub a/#\",\n"
	                                  "\"permit sub a\"",
	                                  PLAIN, USES_IT, "");

	(void)state;
	expect_counts(&problems, 2, 0);
	expect_error(&problems, 3, "rule \"allow sbu a/#\": unknown right");
	expect_error(&problems, 5, "rule \"permit sub a\": ");
	problems_finish(&problems);
}

static void acl_that_allows_nothing_gets_a_warning(void **state)
{
	(void)state;
	expect_one_warning("", PLAIN, USES_IT, 1, "\"a\" allows nothing");
	expect_one_warning("\"deny sub a\"", PLAIN, USES_IT, 1,
	                   "\"a\" allows nothing");
}

static void bad_rule_may_have_been_an_allow(void **state)
{
	struct problems problems =
	    review("\"deny sub b\", \"alow sub a\"", PLAIN, USES_IT, "");

	(void)state;
	expect_counts(&problems, 1, 0);
	problems_finish(&problems);
}

static void control_of_the_broker_gets_a_warning(void **state)
{
	(void)state;
	expect_one_warning("\"allow pub $CONTROL/dynamic-security/#\"", PLAIN,
	                   USES_IT, 2, "$CONTROL");
	expect_one_warning("\"allow sub $share/g/$CONTROL/x\"", PLAIN, USES_IT,
	                   2, "$CONTROL");
	expect_nothing("\"allow sub a\", \"deny pub $CONTROL/#\"", PLAIN,
	               USES_IT);
	expect_nothing("\"allow sub $SYS/#\"", PLAIN, USES_IT);
}

static void retain_without_pub_gets_a_warning(void **state)
{
	(void)state;
	expect_one_warning("\"allow retain a/#\"", PLAIN, USES_IT, 2,
	                   "never applies");
	expect_one_warning("\"allow pub b/#\",\n\"allow retain a/#\"", PLAIN,
	                   USES_IT, 3, "never applies");
	expect_one_warning("\"allow sub,retain a/#\"", PLAIN, USES_IT, 2,
	                   "never applies");
	expect_nothing("\"allow retain a/#\", \"allow pub +/b\"", PLAIN,
	               USES_IT);
	expect_nothing("\"allow retain a/x\", \"allow pub a/${user}\"", PLAIN,
	               USES_IT);
	expect_nothing("\"allow pub a\", \"deny retain a\"", PLAIN, USES_IT);
}

static void login_for_anybody_who_may_publish_gets_a_warning(void **state)
{
	(void)state;
	expect_one_warning("\"allow pub a/b\"", INJECTS, OPEN, 2,
	                   "on route \"/r\" anyone who can reach this port "
	                   "may publish");
	expect_nothing("\"allow pub a/b\"", PLAIN, OPEN);
	expect_nothing("\"allow pub a/b\"", INJECTS, USES_IT);
	expect_nothing("\"deny pub a/b\", \"allow sub a\"", INJECTS, OPEN);
}

static void login_for_anybody_who_may_read_all_gets_a_warning(void **state)
{
	(void)state;
	expect_one_warning("\"allow sub #\"", INJECTS, OPEN, 2,
	                   "may read every topic");
	expect_one_warning("\"allow sub +/#\"", INJECTS, OPEN, 2,
	                   "may read every topic");
	expect_one_warning("\"allow sub $share/g/#\"", INJECTS, OPEN, 2,
	                   "may read every topic");
	expect_nothing("\"allow sub a/#\"", INJECTS, OPEN);
	expect_nothing("\"deny sub #\", \"allow sub a\"", INJECTS, OPEN);
}

#define NO_PUBLISH " read_only = true;"

static void read_only_makes_up_for_a_pub(void **state)
{
	(void)state;
	expect_one_warning("\"allow pub a/b\"", INJECTS, OPEN NO_PUBLISH, 2,
	                   "lets nobody publish");
	expect_one_warning("\"allow sub #\"", INJECTS, OPEN NO_PUBLISH, 2,
	                   "may read every topic");
}

static void pub_that_never_applies_gets_a_warning(void **state)
{
	(void)state;
	expect_one_warning("\"allow sub a\",\n\"allow pub a/b\"", PLAIN,
	                   USES_IT NO_PUBLISH, 3, "lets nobody publish");
	expect_nothing("\"allow sub a\", \"deny pub a/b\"", PLAIN,
	               USES_IT NO_PUBLISH);
}

static void pub_that_applies_on_another_route_gets_none(void **state)
{
	static const char *const routes[] = { USES_IT, USES_IT NO_PUBLISH };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct problems problems = review("\"allow pub a/b\"", PLAIN,
		                                  routes[i], routes[1 - i]);

		expect_counts(&problems, 0, 0);
		problems_finish(&problems);
	}
}

static void user_where_nobody_has_one_gets_a_warning(void **state)
{
	(void)state;
	expect_one_warning("\"allow sub a\",\n\"allow pub u/${user}\"", INJECTS,
	                   OPEN, 3, "it never applies there");
	expect_one_warning("\"allow sub a\",\n\"deny sub u/${user}\"", INJECTS,
	                   OPEN, 3, "it always applies there, with +");
	expect_one_warning("\"allow sub a\",\n\"allow pub u/${user}\"", PLAIN,
	                   USES_IT " kind = \"json\";", 3,
	                   "it never applies there");
	expect_nothing("\"allow sub a/${client}\"", INJECTS, OPEN);
	expect_nothing("\"allow sub a\", \"deny sub u/${user}\"", PLAIN,
	               USES_IT);
}

static void claim_gets_a_warning_as_long_as_there_are_none(void **state)
{
	(void)state;
	expect_one_warning("\"allow sub a/${claim.plant}\"", INJECTS, OPEN, 2,
	                   "on route \"/r\" nobody has a verified value");
	expect_one_warning("\"allow sub a/${claim.plant}\"", PLAIN, USES_IT, 2,
	                   "it never applies there");
}

static void each_route_is_named(void **state)
{
	struct problems problems =
	    review("\"allow pub a\"", INJECTS, OPEN, OPEN);

	(void)state;
	expect_counts(&problems, 0, 2);
	expect_warning(&problems, 2, "on route \"/r\"");
	expect_warning(&problems, 2, "on route \"/s\"");
	problems_finish(&problems);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_rules_have_no_problem),
		cmocka_unit_test(every_bad_rule_is_an_error_at_its_own_line),
		cmocka_unit_test(acl_that_allows_nothing_gets_a_warning),
		cmocka_unit_test(bad_rule_may_have_been_an_allow),
		cmocka_unit_test(control_of_the_broker_gets_a_warning),
		cmocka_unit_test(retain_without_pub_gets_a_warning),
		cmocka_unit_test(
		    login_for_anybody_who_may_publish_gets_a_warning),
		cmocka_unit_test(
		    login_for_anybody_who_may_read_all_gets_a_warning),
		cmocka_unit_test(read_only_makes_up_for_a_pub),
		cmocka_unit_test(pub_that_never_applies_gets_a_warning),
		cmocka_unit_test(pub_that_applies_on_another_route_gets_none),
		cmocka_unit_test(user_where_nobody_has_one_gets_a_warning),
		cmocka_unit_test(
		    claim_gets_a_warning_as_long_as_there_are_none),
		cmocka_unit_test(each_route_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
