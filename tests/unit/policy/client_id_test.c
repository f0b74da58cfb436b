/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/client_id.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ID_MAX 32

static enum client_id_fault fault_of(const char *text)
{
	struct client_id_rule rule;

	return client_id_read(slice_from_text(text), &rule);
}

static struct client_id_rule read_rule(const char *text)
{
	struct client_id_rule rule;

	assert_int_equal(client_id_read(slice_from_text(text), &rule),
	                 CLIENT_ID_FINE);
	return rule;
}

/* The id that `user` gets for `client`; NULL: refused. Good until the next. */
static const char *apply(const char *setting, const char *user,
                         const char *client)
{
	static char text[ID_MAX + 1];
	struct client_id_rule rule = read_rule(setting);
	struct client_id_values values = {
		.user = slice_from_text(user),
		.client = slice_from_text(client),
		.session = slice_from_text("s9"),
	};
	char buffer[ID_MAX];
	struct slice id;

	if (!client_id_apply(&rule, &values, buffer, sizeof(buffer), &id))
		return NULL;
	assert_true(id.len <= ID_MAX);
	if (id.len > 0)
		memcpy(text, id.data, id.len);
	text[id.len] = '\0';
	return text;
}

static void any_leaves_the_id_alone(void **state)
{
	(void)state;
	assert_string_equal(apply("any", "", "c1"), "c1");
	assert_string_equal(apply("any", "alice", ""), "");
}

static void match_wants_the_user_exactly(void **state)
{
	(void)state;
	assert_string_equal(apply("match:${user}", "alice", "alice"), "alice");
	assert_null(apply("match:${user}", "alice", "bob"));
	assert_null(apply("match:${user}", "alice", "alicex"));
	assert_null(apply("match:${user}", "alice", "alic"));
	assert_null(apply("match:${user}", "alice", "Alice"));
}

static void match_takes_any_text_for_the_client(void **state)
{
	const char *setting = "match:${user}-${client}";

	(void)state;
	assert_string_equal(apply(setting, "alice", "alice-1"), "alice-1");
	assert_string_equal(apply(setting, "alice", "alice--"), "alice--");
	assert_null(apply(setting, "alice", "alice-"));
	assert_null(apply(setting, "alice", "alice"));
	assert_null(apply(setting, "alice", "bob-1"));
	assert_null(apply(setting, "alice", ""));
	assert_null(apply("match:${client}", "alice", ""));
	assert_string_equal(apply("match:${client}", "", "x"), "x");
}

static void match_holds_both_ends(void **state)
{
	const char *setting = "match:web-${client}-${user}";

	(void)state;
	assert_string_equal(apply(setting, "al", "web-x-al"), "web-x-al");
	assert_string_equal(apply(setting, "al", "web-a-al-al"), "web-a-al-al");
	assert_null(apply(setting, "al", "web--al"));
	assert_null(apply(setting, "al", "web-al"));
	assert_null(apply(setting, "al", "web-x-al-"));
	assert_null(apply(setting, "al", "wet-x-al"));
	assert_null(apply("match:ab${client}bc", "", "abc"));
}

static void rewrite_writes_the_pattern(void **state)
{
	(void)state;
	assert_string_equal(apply("rewrite:web-${user}-${client}", "al", "1"),
	                    "web-al-1");
	assert_string_equal(apply("rewrite:${user}${session}", "al", ""),
	                    "als9");
	assert_string_equal(apply("rewrite:${client}/${client}", "", "c"),
	                    "c/c");
	assert_string_equal(apply("rewrite:fixed", "", "x"), "fixed");
	assert_string_equal(apply("rewrite:$a{b}", "", "x"), "$a{b}");
}

static void missing_value_refuses(void **state)
{
	(void)state;
	assert_null(apply("match:${user}-${client}", "", "-1"));
	assert_null(apply("match:${client}-${user}", "", "1-"));
	assert_null(apply("rewrite:${user}", "", "c1"));
	assert_null(apply("rewrite:${user}-${client}", "alice", ""));
}

/* A user who chose his name well must not become a part of the pattern. */
static void values_are_never_parsed(void **state)
{
	(void)state;
	assert_string_equal(apply("rewrite:a-${user}", "${client}", "c1"),
	                    "a-${client}");
	assert_null(apply("match:${user}", "${client}", "c1"));
	assert_string_equal(apply("match:${user}", "${client}", "${client}"),
	                    "${client}");
}

static void id_that_does_not_fit_is_refused(void **state)
{
	struct client_id_rule rule = read_rule("rewrite:ab${client}");
	struct client_id_values values = { .client = slice_from_text("cd") };
	char *buffer = malloc(4);
	struct slice id = { NULL, 0 };

	(void)state;
	assert_non_null(buffer);
	assert_false(client_id_apply(&rule, &values, buffer, 3, &id));
	assert_null(id.data);
	assert_false(client_id_apply(&rule, &values, buffer, 0, &id));
	assert_true(client_id_apply(&rule, &values, buffer, 4, &id));
	assert_true(slice_is(id, "abcd"));
	free(buffer);
}

static void variables_are_noted(void **state)
{
	struct client_id_rule rule = read_rule("rewrite:${user}-${session}");

	(void)state;
	assert_int_equal(rule.kind, CLIENT_ID_KIND_REWRITE);
	assert_true(slice_is(rule.pattern, "${user}-${session}"));
	assert_true(rule.uses_user);
	assert_true(rule.uses_session);
	assert_false(rule.uses_client);
	rule = read_rule("match:x${client}");
	assert_int_equal(rule.kind, CLIENT_ID_KIND_MATCH);
	assert_true(rule.uses_client);
	assert_false(rule.uses_user);
	rule = read_rule("any");
	assert_int_equal(rule.kind, CLIENT_ID_KIND_ANY);
	assert_int_equal(rule.pattern.len, 0);
}

static void bad_settings_are_told(void **state)
{
	(void)state;
	assert_int_equal(fault_of(""), CLIENT_ID_UNKNOWN);
	assert_int_equal(fault_of("Any"), CLIENT_ID_UNKNOWN);
	assert_int_equal(fault_of("any "), CLIENT_ID_UNKNOWN);
	assert_int_equal(fault_of("any:x"), CLIENT_ID_UNKNOWN);
	assert_int_equal(fault_of("match"), CLIENT_ID_UNKNOWN);
	assert_int_equal(fault_of("matches:x"), CLIENT_ID_UNKNOWN);
	assert_int_equal(fault_of("${client}"), CLIENT_ID_UNKNOWN);
	assert_int_equal(fault_of("match:"), CLIENT_ID_NO_PATTERN);
	assert_int_equal(fault_of("rewrite:"), CLIENT_ID_NO_PATTERN);
	assert_int_equal(fault_of("rewrite:a\tb"), CLIENT_ID_OCTETS);
	assert_int_equal(fault_of("match:a\xff"), CLIENT_ID_OCTETS);
	assert_int_equal(fault_of("match:${user"), CLIENT_ID_UNCLOSED_VARIABLE);
	assert_int_equal(fault_of("match:${nick}"), CLIENT_ID_UNKNOWN_VARIABLE);
	assert_int_equal(fault_of("match:${}"), CLIENT_ID_UNKNOWN_VARIABLE);
	assert_int_equal(fault_of("rewrite:${claim.x}"),
	                 CLIENT_ID_UNKNOWN_VARIABLE);
	assert_int_equal(fault_of("match:${session}"), CLIENT_ID_SESSION_MATCH);
	assert_int_equal(fault_of("match:${client}-${client}"),
	                 CLIENT_ID_TWO_CLIENTS);
}

static void pattern_that_no_id_can_hold_is_too_long(void **state)
{
	const size_t most = 65535;
	char *text = malloc(most + strlen("match:") + 2);

	(void)state;
	assert_non_null(text);
	memset(text, 'x', most + strlen("match:") + 1);
	memcpy(text, "match:", strlen("match:"));
	text[most + strlen("match:") + 1] = '\0';
	assert_int_equal(fault_of(text), CLIENT_ID_TOO_LONG);
	text[most + strlen("match:")] = '\0';
	assert_int_equal(fault_of(text), CLIENT_ID_FINE);
	free(text);
}

static void bad_setting_is_not_handed_out(void **state)
{
	struct client_id_rule rule = { .kind = CLIENT_ID_KIND_MATCH };

	(void)state;
	assert_int_equal(
	    client_id_read(slice_from_text("rewrite:${user}${"), &rule),
	    CLIENT_ID_UNCLOSED_VARIABLE);
	assert_int_equal(rule.kind, CLIENT_ID_KIND_MATCH);
	assert_false(rule.uses_user);
}

static void each_fault_has_a_text(void **state)
{
	(void)state;
	for (unsigned i = 0; i < CLIENT_ID_FAULTS; i++)
		assert_non_null(client_id_fault_text((enum client_id_fault)i));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_leaves_the_id_alone),
		cmocka_unit_test(match_wants_the_user_exactly),
		cmocka_unit_test(match_takes_any_text_for_the_client),
		cmocka_unit_test(match_holds_both_ends),
		cmocka_unit_test(rewrite_writes_the_pattern),
		cmocka_unit_test(missing_value_refuses),
		cmocka_unit_test(values_are_never_parsed),
		cmocka_unit_test(id_that_does_not_fit_is_refused),
		cmocka_unit_test(variables_are_noted),
		cmocka_unit_test(bad_settings_are_told),
		cmocka_unit_test(pattern_that_no_id_can_hold_is_too_long),
		cmocka_unit_test(bad_setting_is_not_handed_out),
		cmocka_unit_test(each_fault_has_a_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
