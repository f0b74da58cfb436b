/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an operator is told about the topic and filters of a channel, and where.
 */
#include "policy/review_channel.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../config/expect.h"
#include "inspection.h"

#define ACL "acl = \"some\"; "

static const struct inspection channel = { "channel", review_channel };

static void good_topics_have_no_problem(void **state)
{
	(void)state;
	expect_nothing(&channel, "", "publish = \"chat/lobby\";");
	expect_nothing(&channel, "",
	               "subscribe = [\"chat/#\", \"+/a\", \"$SYS/#\", "
	               "\"$share/g/chat\"];");
	expect_nothing(&channel, "", "publish = \"/\"; subscribe = [];");
}

static void topic_that_is_none_is_an_error(void **state)
{
	(void)state;
	expect_one_error(&channel, "publish = \"chat/+\";",
	                 "publish: \"chat/+\" is no topic");
	expect_one_error(&channel, "publish = \"#\";", "is no topic");
	expect_one_error(&channel, "publish = \"$share/g/a\";", "is no topic");
	expect_one_error(&channel, "publish = \"a\xff\";", "is no topic");
}

static void every_filter_that_is_none_is_an_error(void **state)
{
	struct problems problems =
	    inspect(&channel, "",
	            "subscribe = [\"a+\",\n\"a\",\n\"#/a\", \"$share/g\"];");

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
	expect_one_warning(&channel, "", "publish = \"u/${user}\";",
	                   "know no variables");
	expect_one_warning(&channel, "",
	                   "subscribe = [\"a\", \"u/${session}/#\"];",
	                   "know no variables");
}

static void publish_that_is_never_allowed_gets_a_warning(void **state)
{
	(void)state;
	expect_nothing(&channel, "\"allow pub chat/+\"",
	               ACL "publish = \"chat/lobby\";");
	expect_nothing(&channel, "\"allow pub chat/${client}\"",
	               ACL "publish = \"chat/lobby\";");
	expect_nothing(&channel, "\"allow pub #\", \"deny pub chat/${client}\"",
	               ACL "publish = \"chat/lobby\";");
	expect_one_warning(&channel, "\"allow sub #\"",
	                   ACL "publish = \"chat/lobby\";",
	                   "ACL \"some\" never allows to publish to "
	                   "\"chat/lobby\"");
	expect_one_warning(&channel, "\"allow pub #\", \"deny pub chat/+\"",
	                   ACL "publish = \"chat/lobby\";", "never allows");
	expect_nothing(&channel, "", "publish = \"chat/lobby\";");
}

static void each_subscribe_that_is_never_allowed_gets_a_warning(void **state)
{
	struct problems problems =
	    inspect(&channel, "\"allow sub a/#\", \"deny sub a/secret\"",
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
	expect_nothing(&channel, "\"alow pub a\"", ACL "publish = \"a\";");
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
