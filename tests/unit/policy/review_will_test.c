/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an operator is told about a will, and where it could not be left, and
 * where.
 */
#include "policy/review_will.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../config/expect.h"
#include "config/config.h"
#include "config/load.h"

#define ACL "acl = \"some\"; "

/* An ACL, then a route with `settings` in line 4. */
static struct problems review(const char *rules, const char *settings)
{
	struct problems problems;
	struct config *config;
	char text[2000];

	snprintf(text, sizeof(text),
	         GOOD_LISTENERS GOOD_UPSTREAMS
	         "acls = ( { name = \"some\"; rules = [%s]; } ); routes = ( { "
	         "path = \"/r\"; upstream = \"a\"; kind = \"json\";\n%s } );",
	         rules, settings);
	problems_init(&problems);
	config = config_load_text("f", text, &problems);
	assert_non_null(config);
	expect_counts(&problems, 0, 0);
	review_will(config, &config->routes[0], &problems);
	config_unload(config);
	return problems;
}

static void expect_nothing(const char *rules, const char *settings)
{
	struct problems problems = review(rules, settings);

	expect_counts(&problems, 0, 0);
	problems_finish(&problems);
}

static void expect_one_error(const char *settings, const char *text)
{
	struct problems problems = review("", settings);

	expect_counts(&problems, 1, 0);
	expect_error(&problems, 4, text);
	problems_finish(&problems);
}

static void expect_one_warning(const char *rules, const char *settings,
                               const char *text)
{
	struct problems problems = review(rules, settings);

	expect_counts(&problems, 0, 1);
	expect_warning(&problems, 4, text);
	problems_finish(&problems);
}

static void good_will_has_no_problem(void **state)
{
	(void)state;
	expect_nothing("", "");
	expect_nothing("", "will = { topic = \"gone\"; };");
	expect_nothing("", "will = { topic = \"gone/${client}\"; payload = "
	                   "\"${session} }{ $\"; qos = 2; retain = true; };");
}

static void topic_that_is_none_is_an_error(void **state)
{
	(void)state;
	expect_one_error("will = { topic = \"gone/+\"; };",
	                 "topic of the will: \"gone/+\" is no topic");
	expect_one_error("will = { topic = \"$share/g/gone\"; };",
	                 "is no topic");
	expect_one_error("will = { topic = \"${client}/#\"; };", "is no topic");
}

static void unknown_variable_is_an_error(void **state)
{
	(void)state;
	expect_one_error("will = { topic = \"gone/${usr}\"; };",
	                 "topic of the will: \"gone/${usr}\" has an unknown");
	expect_one_error("will = { topic = \"gone/${client\"; };",
	                 "has an unknown variable");
	expect_one_error("will = { topic = \"a\"; payload = \"${claim.a}\"; };",
	                 "payload of the will: \"${claim.a}\" has an unknown");
}

static void user_gets_a_warning_as_long_as_there_is_none(void **state)
{
	(void)state;
	expect_one_warning("", "will = { topic = \"gone/${user}\"; };",
	                   "nobody has a ${user}");
	expect_one_warning("",
	                   "will = { topic = \"a\"; payload = \"${user}\"; };",
	                   "nobody has a ${user}");
}

static void payload_that_no_packet_takes_is_an_error(void **state)
{
	struct problems problems;
	struct config_route route = { .kind = CONFIG_KIND_JSON };
	struct config config = { .routes = &route, .route_count = 1 };
	char topic[] = "a";
	char *payload = calloc(65536 + 1, 1);

	(void)state;
	assert_non_null(payload);
	route.will = (struct config_will){ .is_set = true,
		                           .topic = { .value = topic },
		                           .payload = { .value = payload } };
	for (size_t len = 65535; len <= 65536; len++) {
		memset(payload, 'x', len);
		problems_init(&problems);
		review_will(&config, &route, &problems);
		expect_counts(&problems, len > 65535, 0);
		problems_finish(&problems);
	}
	free(payload);
}

static void read_only_leaves_no_will(void **state)
{
	(void)state;
	expect_one_error("read_only = true; will = { topic = \"gone\"; };",
	                 "drop one of them");
}

static void will_that_is_never_allowed_gets_a_warning(void **state)
{
	static const char *const plain = ACL "will = { topic = \"gone\"; };";
	static const char *const kept =
	    ACL "will = { topic = \"gone\"; retain = true; };";

	(void)state;
	expect_nothing("\"allow pub gone\"", plain);
	expect_nothing("\"allow pub,retain gone\"", kept);
	expect_nothing("\"allow pub a\"",
	               ACL "will = { topic = \"gone/${client}\"; };");
	expect_one_warning("\"allow sub gone\"", plain,
	                   "ACL \"some\" never allows to publish to \"gone\"");
	expect_one_warning("\"allow pub gone\"", kept,
	                   "never allows to publish and retain to \"gone\"");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_will_has_no_problem),
		cmocka_unit_test(topic_that_is_none_is_an_error),
		cmocka_unit_test(unknown_variable_is_an_error),
		cmocka_unit_test(user_gets_a_warning_as_long_as_there_is_none),
		cmocka_unit_test(payload_that_no_packet_takes_is_an_error),
		cmocka_unit_test(read_only_leaves_no_will),
		cmocka_unit_test(will_that_is_never_allowed_gets_a_warning),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
