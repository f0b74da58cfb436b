/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the tables of cases (acl_cases_test.c) do not tell: which rule a
 * verdict names, what a grant keeps, when deliveries need no verdict.
 */
#include "policy/acl.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "config/config.h"

#define RULES_MAX 8

/* An ACL of texts, bound to alice with the client id c1. */
struct bound {
	struct config_text texts[RULES_MAX];
	struct config_acl config;
	struct acl *acl;
	struct acl_grant grant;
};

static void bind_acl(struct bound *bound, const char *const *rules)
{
	struct acl_subject alice = { .user = slice_from_text("alice"),
		                     .client = slice_from_text("c1") };

	*bound = (struct bound){ 0 };
	bound->config.rules.list = bound->texts;
	for (size_t i = 0; rules[i]; i++) {
		assert_true(i < RULES_MAX);
		bound->texts[i].value = strdup(rules[i]);
		bound->config.rules.count++;
	}
	bound->acl = acl_create(&bound->config);
	assert_non_null(bound->acl);
	assert_true(acl_grant_init(&bound->grant, bound->acl, &alice));
}

static void finish(struct bound *bound)
{
	acl_grant_finish(&bound->grant);
	acl_destroy(bound->acl);
	for (size_t i = 0; i < bound->config.rules.count; i++)
		free(bound->texts[i].value);
}

#define BIND(bound, ...)                                                       \
	bind_acl(bound, (const char *const[]){ __VA_ARGS__, NULL })

static void expect_rule(struct acl_verdict verdict, bool is_allowed,
                        const char *rule)
{
	assert_int_equal(verdict.is_allowed, is_allowed);
	if (rule == NULL) {
		assert_null(verdict.rule);
	} else {
		assert_non_null(verdict.rule);
		assert_true(slice_is(verdict.rule->text, rule));
	}
}

static struct acl_verdict publish(const struct bound *bound, const char *topic)
{
	return acl_may_publish(&bound->grant, slice_from_text(topic), false);
}

static struct acl_verdict publish_retained(const struct bound *bound,
                                           const char *topic)
{
	return acl_may_publish(&bound->grant, slice_from_text(topic), true);
}

static struct acl_verdict subscribe(const struct bound *bound,
                                    const char *filter)
{
	return acl_may_subscribe(&bound->grant, slice_from_text(filter));
}

static struct acl_verdict receive(const struct bound *bound, const char *topic)
{
	return acl_may_receive(&bound->grant, slice_from_text(topic));
}

static void verdict_names_the_allow_that_grants(void **state)
{
	struct bound bound;

	(void)state;
	BIND(&bound, "allow pub b", "allow pub a/#", "allow pub #");
	expect_rule(publish(&bound, "a/x"), true, "allow pub a/#");
	expect_rule(publish(&bound, "c"), true, "allow pub #");
	expect_rule(publish(&bound, "$c"), false, NULL);
	finish(&bound);
}

static void verdict_names_the_deny_that_decides(void **state)
{
	struct bound bound;

	(void)state;
	BIND(&bound, "allow pub,sub #", "deny sub a/b", "deny pub,sub a/#");
	expect_rule(publish(&bound, "a/b"), false, "deny pub,sub a/#");
	expect_rule(subscribe(&bound, "a/b"), false, "deny sub a/b");
	expect_rule(receive(&bound, "a/c"), false, "deny pub,sub a/#");
	finish(&bound);
}

static void deny_is_named_even_where_nothing_allows(void **state)
{
	struct bound bound;

	(void)state;
	BIND(&bound, "deny pub a");
	expect_rule(publish(&bound, "a"), false, "deny pub a");
	expect_rule(publish(&bound, "b"), false, NULL);
	finish(&bound);
}

static void retained_verdict_names_what_decides_on_retain(void **state)
{
	struct bound bound;

	(void)state;
	BIND(&bound, "allow pub #", "allow retain a/#", "deny retain a/x",
	     "deny pub a/y");
	expect_rule(publish_retained(&bound, "a/b"), true, "allow retain a/#");
	expect_rule(publish_retained(&bound, "a/x"), false, "deny retain a/x");
	expect_rule(publish_retained(&bound, "a/y"), false, "deny pub a/y");
	expect_rule(publish_retained(&bound, "b"), false, NULL);
	expect_rule(publish(&bound, "a/x"), true, "allow pub #");
	finish(&bound);
}

static void rule_with_a_variable_is_named_as_written(void **state)
{
	struct bound bound;

	(void)state;
	BIND(&bound, "allow sub u/${user}/#");
	expect_rule(subscribe(&bound, "u/alice/+"), true,
	            "allow sub u/${user}/#");
	expect_rule(subscribe(&bound, "u/bob/+"), false, NULL);
	finish(&bound);
}

static void acl_without_rules_allows_nothing(void **state)
{
	const char *const none[] = { NULL };
	struct bound bound;

	(void)state;
	bind_acl(&bound, none);
	expect_rule(publish(&bound, "a"), false, NULL);
	expect_rule(subscribe(&bound, "a"), false, NULL);
	expect_rule(receive(&bound, "a"), false, NULL);
	assert_false(acl_receives_all(bound.acl));
	finish(&bound);
}

/* A topic alias that was not resolved must not pass for a wildcard's. */
static void empty_topic_is_allowed_to_nobody(void **state)
{
	struct bound bound;

	(void)state;
	BIND(&bound, "allow pub,sub,retain #", "allow pub,sub ${user}");
	expect_rule(publish_retained(&bound, ""), false, NULL);
	expect_rule(publish(&bound, ""), false, NULL);
	expect_rule(receive(&bound, ""), false, NULL);
	finish(&bound);
}

static void malformed_share_is_allowed_to_nobody(void **state)
{
	struct bound bound;

	(void)state;
	BIND(&bound, "allow sub #", "allow sub $share/+/#");
	expect_rule(subscribe(&bound, "$share/g"), false, NULL);
	finish(&bound);
}

static void grant_keeps_no_value_of_its_subject(void **state)
{
	struct config_text text = { .value = strdup("allow pub ${claim.x}") };
	struct config_acl config = { .rules = { &text, 1 } };
	struct acl *acl = acl_create(&config);
	char name[] = "x";
	char value[] = "one";
	struct acl_claim claim = { slice_from_text(name),
		                   slice_from_text(value) };
	struct acl_subject subject = { .claims = &claim, .claim_count = 1 };
	struct acl_grant grant;

	(void)state;
	assert_true(acl_grant_init(&grant, acl, &subject));
	memset(value, '#', sizeof(value) - 1);
	assert_true(
	    acl_may_publish(&grant, slice_from_text("one"), false).is_allowed);
	assert_false(
	    acl_may_publish(&grant, slice_from_text("two"), false).is_allowed);
	acl_grant_finish(&grant);
	acl_destroy(acl);
	free(text.value);
}

static void grants_of_one_acl_are_apart(void **state)
{
	struct bound bound;
	struct acl_subject bob = { .user = slice_from_text("bob") };
	struct acl_grant other;

	(void)state;
	BIND(&bound, "allow pub ${user}/#", "allow pub all");
	assert_true(acl_grant_init(&other, bound.acl, &bob));
	assert_true(acl_may_publish(&other, slice_from_text("bob/x"), false)
	                .is_allowed);
	assert_false(acl_may_publish(&other, slice_from_text("alice/x"), false)
	                 .is_allowed);
	expect_rule(publish(&bound, "alice/x"), true, "allow pub ${user}/#");
	expect_rule(publish(&bound, "bob/x"), false, NULL);
	acl_grant_finish(&other);
	finish(&bound);
}

static void only_an_acl_with_variables_costs_memory(void **state)
{
	struct bound bound;

	(void)state;
	BIND(&bound, "allow pub a", "deny sub $share/+/b");
	assert_null(bound.grant.bound);
	finish(&bound);
	BIND(&bound, "allow pub a", "deny sub ${user}");
	assert_non_null(bound.grant.bound);
	finish(&bound);
}

/* What is left out of a level must not be written on the way either. */
static void long_value_before_a_bad_one_needs_no_room(void **state)
{
	struct config_text text = { .value =
		                        strdup("deny pub ${user}${client}/x") };
	struct config_acl config = { .rules = { &text, 1 } };
	struct acl *acl = acl_create(&config);
	char user[256];
	struct acl_subject subject = { .user = { (uint8_t *)user, 256 },
		                       .client = slice_from_text("#") };
	struct acl_grant grant;

	(void)state;
	memset(user, 'u', sizeof(user));
	assert_true(acl_grant_init(&grant, acl, &subject));
	assert_non_null(
	    acl_may_publish(&grant, slice_from_text("any/x"), false).rule);
	assert_null(
	    acl_may_publish(&grant, slice_from_text("any/y"), false).rule);
	acl_grant_finish(&grant);
	acl_destroy(acl);
	free(text.value);
}

static bool receives_all(const char *first, const char *second)
{
	struct bound bound;
	bool is_all;

	BIND(&bound, first, second);
	is_all = acl_receives_all(bound.acl);
	finish(&bound);
	return is_all;
}

static void only_a_pure_hash_needs_no_verdict_on_delivery(void **state)
{
	(void)state;
	assert_true(receives_all("allow sub #", NULL));
	assert_true(receives_all("allow sub +/#", "deny pub #"));
	assert_true(receives_all("allow pub a", "allow pub,sub #"));
	assert_false(receives_all("allow sub #", "deny sub a"));
	assert_false(receives_all("deny pub,sub $SYS/#", "allow sub #"));
	assert_false(receives_all("allow sub #", "deny sub $share/g/a"));
	assert_false(receives_all("allow sub a/#", "allow pub #"));
	assert_false(receives_all("allow sub $share/+/#", NULL));
	assert_false(receives_all("allow pub #", NULL));
}

static void finish_and_destroy_accept_nothing(void **state)
{
	struct acl_grant grant = { .acl = NULL };

	(void)state;
	acl_destroy(NULL);
	acl_grant_finish(&grant);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(verdict_names_the_allow_that_grants),
		cmocka_unit_test(verdict_names_the_deny_that_decides),
		cmocka_unit_test(deny_is_named_even_where_nothing_allows),
		cmocka_unit_test(retained_verdict_names_what_decides_on_retain),
		cmocka_unit_test(rule_with_a_variable_is_named_as_written),
		cmocka_unit_test(acl_without_rules_allows_nothing),
		cmocka_unit_test(empty_topic_is_allowed_to_nobody),
		cmocka_unit_test(malformed_share_is_allowed_to_nobody),
		cmocka_unit_test(grant_keeps_no_value_of_its_subject),
		cmocka_unit_test(grants_of_one_acl_are_apart),
		cmocka_unit_test(only_an_acl_with_variables_costs_memory),
		cmocka_unit_test(long_value_before_a_bad_one_needs_no_room),
		cmocka_unit_test(only_a_pure_hash_needs_no_verdict_on_delivery),
		cmocka_unit_test(finish_and_destroy_accept_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
