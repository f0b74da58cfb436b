/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an operator is told about the topic and filters of a channel, and where.
 */
#include "policy/review_channel.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

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

	snprintf(
	    text, sizeof(text),
	    GOOD_LISTENERS GOOD_UPSTREAMS
	    "acls = ( { name = \"some\"; rules = [%s]; } ); routes = ( { "
	    "path = \"/r\"; upstream = \"a\"; kind = \"channel\";\n%s } );",
	    rules, settings);
	problems_init(&problems);
	config = config_load_text("f", text, &problems);
	assert_non_null(config);
	expect_counts(&problems, 0, 0);
	review_channel(config, &config->routes[0], &problems);
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

static void good_topics_have_no_problem(void **state)
{
	(void)state;
	expect_nothing("", "publish = \"chat/lobby\";");
	expect_nothing("", "subscribe = [\"chat/#\", \"+/a\", \"$SYS/#\", "
	                   "\"$share/g/chat\"];");
	expect_nothing("", "publish = \"/\"; subscribe = [];");
}

static void topic_that_is_none_is_an_error(void **state)
{
	(void)state;
	expect_one_error("publish = \"chat/+\";",
	                 "publish: \"chat/+\" is no topic");
	expect_one_error("publish = \"#\";", "is no topic");
	expect_one_error("publish = \"$share/g/a\";", "is no topic");
	expect_one_error("publish = \"a\xff\";", "is no topic");
}

static void every_filter_that_is_none_is_an_error(void **state)
{
	struct problems problems =
	    review("", "subscribe = [\"a+\",\n\"a\",\n\"#/a\", \"$share/g\"];");

	(void)state;
	expect_counts(&problems, 3, 0);
	expect_error(&problems, 4, "subscribe: \"a+\" is no topic filter");
	expect_error(&problems, 6, "subscribe: \"#/a\" is no topic filter");
	expect_error(&problems, 6,
	             "subscribe: \"$share/g\" is no topic filter");
	problems_finish(&problems);
}

static void variable_gets_a_warning(void **state)
{
	(void)state;
	expect_one_warning("", "publish = \"u/${user}\";", "know no variables");
	expect_one_warning("", "subscribe = [\"a\", \"u/${session}/#\"];",
	                   "know no variables");
}

static void publish_that_is_never_allowed_gets_a_warning(void **state)
{
	(void)state;
	expect_nothing("\"allow pub chat/+\"", ACL "publish = \"chat/lobby\";");
	expect_nothing("\"allow pub chat/${client}\"",
	               ACL "publish = \"chat/lobby\";");
	expect_nothing("\"allow pub #\", \"deny pub chat/${client}\"",
	               ACL "publish = \"chat/lobby\";");
	expect_one_warning("\"allow sub #\"", ACL "publish = \"chat/lobby\";",
	                   "ACL \"some\" never allows to publish to "
	                   "\"chat/lobby\"");
	expect_one_warning("\"allow pub #\", \"deny pub chat/+\"",
	                   ACL "publish = \"chat/lobby\";", "never allows");
	expect_nothing("", "publish = \"chat/lobby\";");
}

static void each_subscribe_that_is_never_allowed_gets_a_warning(void **state)
{
	struct problems problems =
	    review("\"allow sub a/#\", \"deny sub a/secret\"",
	           ACL "subscribe = [\"a/b\",\n\"a/+\",\n\"b\"];");

	(void)state;
	expect_counts(&problems, 0, 2);
	expect_warning(&problems, 5,
	               "ACL \"some\" never allows to subscribe to "
	               "\"a/+\"");
	expect_warning(&problems, 6, "never allows to subscribe to \"b\"");
	problems_finish(&problems);
}

static void bad_rule_leaves_rights_unsaid(void **state)
{
	(void)state;
	expect_nothing("\"alow pub a\"", ACL "publish = \"a\";");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_topics_have_no_problem),
		cmocka_unit_test(topic_that_is_none_is_an_error),
		cmocka_unit_test(every_filter_that_is_none_is_an_error),
		cmocka_unit_test(variable_gets_a_warning),
		cmocka_unit_test(publish_that_is_never_allowed_gets_a_warning),
		cmocka_unit_test(
		    each_subscribe_that_is_never_allowed_gets_a_warning),
		cmocka_unit_test(bad_rule_leaves_rights_unsaid),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
