/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an ACL never allows, whoever comes: each line asks one set of rules.
 */
#include "policy/reach.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define RULES_MAX 4

/* Rules are separated by semicolons. */
static bool init(struct reach *reach, char *rules)
{
	struct config_text list[RULES_MAX];
	struct config_acl acl = { .rules = { .list = list } };
	char *rest = NULL;

	for (char *rule = strtok_r(rules, ";", &rest); rule != NULL;
	     rule = strtok_r(NULL, ";", &rest)) {
		assert_true(acl.rules.count < RULES_MAX);
		list[acl.rules.count++].value = rule;
	}
	return reach_init(reach, &acl);
}

static void expect_publish(const char *rules, const char *topic, bool retain,
                           bool is_allowed)
{
	struct reach reach;
	char *copy = strdup(rules);

	assert_non_null(copy);
	assert_true(init(&reach, copy));
	if (acl_may_publish(&reach.grant, slice_from_text(topic), retain)
	        .is_allowed != is_allowed)
		fail_msg("%s: %s", rules, topic);
	reach_finish(&reach);
	free(copy);
}

static void expect_subscribe(const char *rules, const char *filter,
                             bool is_allowed)
{
	struct reach reach;
	char *copy = strdup(rules);

	assert_non_null(copy);
	assert_true(init(&reach, copy));
	if (acl_may_subscribe(&reach.grant, slice_from_text(filter))
	        .is_allowed != is_allowed)
		fail_msg("%s: %s", rules, filter);
	reach_finish(&reach);
	free(copy);
}

static void plain_rules_reach_what_they_allow(void **state)
{
	(void)state;
	expect_publish("allow pub a/+", "a/b", false, true);
	expect_publish("allow pub a/+", "a/b", true, false);
	expect_publish("allow pub,retain a/+", "a/b", true, true);
	expect_publish("allow pub a/+", "b", false, false);
	expect_publish("allow pub #;deny pub a/b", "a/b", false, false);
	expect_subscribe("allow sub a/#", "a/+", true);
	expect_subscribe("allow sub a/#;deny sub a/b", "a/+", false);
	expect_subscribe("allow sub $share/g/a", "$share/g/a", true);
	expect_subscribe("allow sub $share/g/a", "$share/h/a", false);
	expect_publish("", "a", false, false);
}

static void variable_of_an_allow_may_be_anything_in_its_level(void **state)
{
	(void)state;
	expect_publish("allow pub ${user}/x", "anna/x", false, true);
	expect_publish("allow pub a/${client}/x", "a/b/x", false, true);
	expect_publish("allow pub a/u-${user}-${claim.b}", "a/b", false, true);
	expect_publish("allow pub a/${client}/x", "a/b/y", false, false);
	expect_publish("allow pub a/${client}", "a/b/c", false, false);
	expect_publish("allow pub a//${client}/#", "a//b/c", false, true);
	expect_subscribe("allow sub $share/${user}/a", "$share/g/a", true);
	expect_subscribe("allow sub $share/g/${user}", "$share/g/a", true);
}

static void deny_with_a_variable_may_be_about_something_else(void **state)
{
	(void)state;
	expect_publish("allow pub #;deny pub a/${user}", "a/b", false, true);
	expect_publish("deny pub a/${user};deny pub a/b;allow pub #", "a/b",
	               false, false);
}

static void bad_rule_has_no_reach(void **state)
{
	char rules[] = "allow pub a;alow pub b";
	struct reach reach;

	(void)state;
	assert_false(init(&reach, rules));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_rules_reach_what_they_allow),
		cmocka_unit_test(
		    variable_of_an_allow_may_be_anything_in_its_level),
		cmocka_unit_test(
		    deny_with_a_variable_may_be_about_something_else),
		cmocka_unit_test(bad_rule_has_no_reach),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
