/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an operator is told about a will, and where it could not be left, and
 * where.
 */
#include "policy/review_will.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../config/expect.h"
#include "inspection.h"

#define ACL "acl = \"some\"; "

static const struct inspection will = { "json", review_will };

static void good_will_has_no_problem(void **state)
{
	(void)state;
	expect_nothing(&will, "", "");
	expect_nothing(&will, "", "will = { topic = \"gone\"; };");
	expect_nothing(&will, "",
	               "will = { topic = \"gone/${client}\"; payload = "
	               "\"${session} }{ $\"; qos = 2; retain = true; };");
}

static void topic_that_is_none_is_an_error(void **state)
{
	(void)state;
	expect_one_error(&will, "will = { topic = \"gone/+\"; };",
	                 "topic of the will: \"gone/+\" is no topic");
	expect_one_error(&will, "will = { topic = \"$share/g/gone\"; };",
	                 "is no topic");
	expect_one_error(&will, "will = { topic = \"${client}/#\"; };",
	                 "is no topic");
}

static void unknown_variable_is_an_error(void **state)
{
	(void)state;
	expect_one_error(&will, "will = { topic = \"gone/${usr}\"; };",
	                 "topic of the will: \"gone/${usr}\" has an unknown");
	expect_one_error(&will, "will = { topic = \"gone/${client\"; };",
	                 "has an unknown variable");
	expect_one_error(&will,
	                 "will = { topic = \"a\"; payload = \"${claim.a}\"; };",
	                 "payload of the will: \"${claim.a}\" has an unknown");
}

static void user_gets_a_warning_as_long_as_there_is_none(void **state)
{
	(void)state;
	expect_one_warning(&will, "", "will = { topic = \"gone/${user}\"; };",
	                   "nobody has a ${user}");
	expect_one_warning(&will, "",
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
	expect_one_error(&will,
	                 "read_only = true; will = { topic = \"gone\"; };",
	                 "drop one of them");
}

static void will_that_is_never_allowed_gets_a_warning(void **state)
{
	static const char *const plain = ACL "will = { topic = \"gone\"; };";
	static const char *const kept =
	    ACL "will = { topic = \"gone\"; retain = true; };";

	(void)state;
	expect_nothing(&will, "\"allow pub gone\"", plain);
	expect_nothing(&will, "\"allow pub,retain gone\"", kept);
	expect_nothing(&will, "\"allow pub a\"",
	               ACL "will = { topic = \"gone/${client}\"; };");
	expect_one_warning(&will, "\"allow sub gone\"", plain,
	                   "ACL \"some\" never allows to publish to \"gone\"");
	expect_one_warning(&will, "\"allow pub gone\"", kept,
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
