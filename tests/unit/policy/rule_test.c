/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/rule.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static enum rule_fault fault_of(const char *text)
{
	struct rule rule;

	return rule_read(slice_from_text(text), &rule);
}

static struct rule read_rule(const char *text)
{
	struct rule rule;

	assert_int_equal(rule_read(slice_from_text(text), &rule), RULE_FINE);
	assert_true(slice_is(rule.text, text));
	return rule;
}

static void rule_is_taken_apart(void **state)
{
	struct rule rule = read_rule("allow sub factory/#");

	(void)state;
	assert_false(rule.is_deny);
	assert_true(rule.is_sub);
	assert_false(rule.is_pub);
	assert_false(rule.is_retain);
	assert_false(rule_has_variables(&rule));
	assert_int_equal(rule.group.len, 0);
	assert_true(slice_is(rule.filter, "factory/#"));

	rule = read_rule("deny retain,pub a b/,c");
	assert_true(rule.is_deny);
	assert_true(rule.is_pub);
	assert_true(rule.is_retain);
	assert_false(rule.is_sub);
	assert_true(slice_is(rule.filter, "a b/,c"));
}

static void shared_rule_has_a_group(void **state)
{
	struct rule rule = read_rule("allow sub $share/+/a/#");

	(void)state;
	assert_true(slice_is(rule.group, "+"));
	assert_true(slice_is(rule.filter, "a/#"));
	rule = read_rule("deny sub $share/w-${user}/a");
	assert_true(slice_is(rule.group, "w-${user}"));
	assert_true(rule.uses_user);
}

static void variables_are_noted(void **state)
{
	struct rule rule = read_rule("allow pub ${user}/x-${client}");

	(void)state;
	assert_true(rule_has_variables(&rule));
	assert_true(rule.uses_user);
	assert_true(rule.uses_client);
	assert_false(rule.uses_claim);
	rule = read_rule("allow pub a/${claim.plant}");
	assert_true(rule.uses_claim);
	assert_false(rule.uses_user);
	rule = read_rule("allow pub a/$user/{client}/$$");
	assert_false(rule_has_variables(&rule));
}

static void words_are_checked(void **state)
{
	(void)state;
	assert_int_equal(fault_of(""), RULE_NO_WORD);
	assert_int_equal(fault_of("permit sub a"), RULE_NO_WORD);
	assert_int_equal(fault_of("Allow sub a"), RULE_NO_WORD);
	assert_int_equal(fault_of("allow\tsub a"), RULE_NO_WORD);
	assert_int_equal(fault_of("allow"), RULE_NO_PATTERN);
	assert_int_equal(fault_of("allow "), RULE_NO_PATTERN);
	assert_int_equal(fault_of("allow sub"), RULE_NO_PATTERN);
	assert_int_equal(fault_of("allow sub "), RULE_NO_PATTERN);
	assert_int_equal(fault_of("allow read a"), RULE_UNKNOWN_RIGHT);
	assert_int_equal(fault_of("allow sub,"), RULE_UNKNOWN_RIGHT);
	assert_int_equal(fault_of("allow sub,,pub a"), RULE_UNKNOWN_RIGHT);
	assert_int_equal(fault_of("allow sub, pub a"), RULE_UNKNOWN_RIGHT);
}

static void blank_too_many_is_told(void **state)
{
	(void)state;
	assert_int_equal(fault_of(" allow sub a"), RULE_BLANK);
	assert_int_equal(fault_of("allow  sub a"), RULE_BLANK);
	assert_int_equal(fault_of("allow sub  a"), RULE_BLANK);
	assert_int_equal(fault_of("allow sub a "), RULE_BLANK);
}

static void patterns_are_checked(void **state)
{
	(void)state;
	assert_int_equal(fault_of("allow sub a#"), RULE_BAD_FILTER);
	assert_int_equal(fault_of("allow sub a/#/b"), RULE_BAD_FILTER);
	assert_int_equal(fault_of("allow sub a\xff"), RULE_OCTETS);
	assert_int_equal(fault_of("allow sub a\tb"), RULE_OCTETS);
	assert_int_equal(fault_of("allow pub $share/g/a"), RULE_SHARE_RIGHT);
	assert_int_equal(fault_of("allow pub $share"), RULE_SHARE_RIGHT);
	assert_int_equal(fault_of("allow sub,retain $share/g/a"),
	                 RULE_SHARE_RIGHT);
	assert_int_equal(fault_of("allow sub $share/g"), RULE_SHARE_PARTS);
	assert_int_equal(fault_of("allow sub $share//a"), RULE_SHARE_PARTS);
	assert_int_equal(fault_of("allow sub $share/#/a"), RULE_SHARE_PARTS);
	assert_int_equal(fault_of("allow sub $share/g+/a"), RULE_SHARE_PARTS);
	assert_int_equal(fault_of("allow sub $share/g/$share/h/a"),
	                 RULE_SHARE_PARTS);
}

static void misused_variables_are_told(void **state)
{
	(void)state;
	assert_int_equal(fault_of("allow sub ${user"), RULE_UNCLOSED_VARIABLE);
	assert_int_equal(fault_of("allow sub ${user/a}"),
	                 RULE_UNCLOSED_VARIABLE);
	assert_int_equal(fault_of("allow sub ${nick}"), RULE_UNKNOWN_VARIABLE);
	assert_int_equal(fault_of("allow sub ${}"), RULE_UNKNOWN_VARIABLE);
	assert_int_equal(fault_of("allow sub ${session}"),
	                 RULE_UNKNOWN_VARIABLE);
	assert_int_equal(fault_of("allow sub ${claim.}"),
	                 RULE_UNKNOWN_VARIABLE);
	assert_int_equal(fault_of("allow sub ${claim.a b}"),
	                 RULE_UNKNOWN_VARIABLE);
	assert_int_equal(fault_of("allow sub a/${user}+"),
	                 RULE_VARIABLE_WILDCARD);
	assert_int_equal(fault_of("allow sub a/#${user}"),
	                 RULE_VARIABLE_WILDCARD);
}

static void variable_behind_a_dollar_in_front_is_refused(void **state)
{
	(void)state;
	assert_int_equal(fault_of("deny sub $x${user}/a"),
	                 RULE_VARIABLE_DOLLAR);
	assert_int_equal(fault_of("allow sub $share/g/$x${user}"),
	                 RULE_VARIABLE_DOLLAR);
	assert_int_equal(fault_of("allow sub $share/$x${user}/a"), RULE_FINE);
	assert_int_equal(fault_of("allow sub ${user}$/a"), RULE_FINE);
	assert_int_equal(fault_of("allow sub a/$x${user}"), RULE_FINE);
}

static void bad_rule_is_not_handed_out(void **state)
{
	struct rule rule = { .is_deny = true };

	(void)state;
	assert_int_equal(rule_read(slice_from_text("allow pub a#"), &rule),
	                 RULE_BAD_FILTER);
	assert_true(rule.is_deny);
	assert_false(rule.is_pub);
}

static void each_fault_has_a_text(void **state)
{
	(void)state;
	for (unsigned i = 0; i < RULE_FAULTS; i++)
		assert_non_null(rule_fault_text((enum rule_fault)i));
}

static void rule_on_control_is_known(void **state)
{
	struct rule rule = read_rule("allow pub $CONTROL/#");

	(void)state;
	assert_true(rule_names_control(&rule));
	rule = read_rule("allow sub $share/g/$CONTROL");
	assert_true(rule_names_control(&rule));
	rule = read_rule("allow pub a/$CONTROL");
	assert_false(rule_names_control(&rule));
	rule = read_rule("allow pub #");
	assert_false(rule_names_control(&rule));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rule_is_taken_apart),
		cmocka_unit_test(shared_rule_has_a_group),
		cmocka_unit_test(variables_are_noted),
		cmocka_unit_test(words_are_checked),
		cmocka_unit_test(blank_too_many_is_told),
		cmocka_unit_test(patterns_are_checked),
		cmocka_unit_test(misused_variables_are_told),
		cmocka_unit_test(variable_behind_a_dollar_in_front_is_refused),
		cmocka_unit_test(bad_rule_is_not_handed_out),
		cmocka_unit_test(each_fault_has_a_text),
		cmocka_unit_test(rule_on_control_is_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
