/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tables of ACL cases, row by row, through a compiled ACL: tests/cases/
 * acl-cases.tsv and acl-more.tsv. What goes on the wire after a verdict is
 * judged elsewhere, and so are rows that need more than rules: topic aliases,
 * which need a session, and overlap=filter, which is not offered.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "acl_case.h"
#include "base/slice.h"
#include "config/config.h"
#include "mqtt/filter.h"
#include "mqtt/topic.h"
#include "policy/acl.h"
#include "policy/rule.h"
#include "table.h"

#define PIECES_MAX 32

enum outcome {
	ALLOW,
	DENY,
	MALFORMED,
	CONFIG_ERROR,
};

static const char *const words[] = { "ALLOW", "DENY", "MALFORMED",
	                             "CONFIG-ERROR" };

struct row {
	char *columns[ACL_COLUMNS];
	struct acl_subject subject;
	struct acl_claim claims[PIECES_MAX];
	struct config_text rules[PIECES_MAX];
	struct config_acl acl;
	struct slice arguments[PIECES_MAX]; /* several for `subm` only */
	size_t argument_count;
};

struct tally {
	size_t rows;
	size_t run;
	size_t for_others;
	size_t wrong;
};

static void read_identity(struct row *row)
{
	char *rest = row->columns[IDENTITY];

	while (rest) {
		char *value = table_take(&rest, " ");
		char *name = strsep(&value, "=");
		struct acl_claim *claim;

		assert_non_null(value);
		if (strcmp(name, "user") == 0) {
			row->subject.user = table_unescape(value);
		} else if (strcmp(name, "client") == 0) {
			row->subject.client = table_unescape(value);
		} else {
			assert_memory_equal(name, "claim.", 6);
			assert_true(row->subject.claim_count < PIECES_MAX);
			claim = &row->claims[row->subject.claim_count++];
			claim->name = slice_from_text(name + 6);
			claim->value = table_unescape(value);
		}
	}
	row->subject.claims = row->claims;
}

static void read_rules(struct row *row)
{
	char *pieces[PIECES_MAX];
	size_t count =
	    table_split(row->columns[ACL], " ;; ", pieces, PIECES_MAX);

	row->acl.rules.list = row->rules;
	for (size_t i = 0; i < count; i++) {
		if (strcmp(pieces[i], "overlap=refuse") == 0)
			continue;
		(void)table_unescape(pieces[i]);
		row->rules[row->acl.rules.count++].value = pieces[i];
	}
}

static void read_arguments(struct row *row)
{
	char *rest = row->columns[ARGUMENT];

	if (strcmp(row->columns[OP], "subm") != 0) {
		row->arguments[row->argument_count++] = table_unescape(rest);
		return;
	}
	*strstr(rest, " => ") = '\0';
	while (rest) {
		assert_true(row->argument_count < PIECES_MAX);
		row->arguments[row->argument_count++] =
		    table_unescape(table_take(&rest, " ;; "));
	}
}

static bool has_bad_rule(const struct row *row)
{
	for (size_t i = 0; i < row->acl.rules.count; i++) {
		struct rule rule;

		if (rule_read(slice_from_text(row->rules[i].value), &rule) !=
		    RULE_FINE)
			return true;
	}
	return false;
}

static bool is_malformed(const struct row *row, struct slice argument)
{
	const char *op = row->columns[OP];
	struct slice group, filter;

	if (strcmp(op, "sub") == 0 || strcmp(op, "subm") == 0)
		return mqtt_filter_read(argument, &group, &filter) ==
		       MQTT_FILTER_MALFORMED;
	return !mqtt_topic_is_name(argument);
}

static struct acl_verdict judge(const struct row *row,
                                const struct acl_grant *grant,
                                struct slice argument)
{
	const char *op = row->columns[OP];

	if (strcmp(op, "pub") == 0 || strcmp(op, "will") == 0)
		return acl_may_publish(grant, argument, false);
	if (strcmp(op, "pubr") == 0 || strcmp(op, "willr") == 0)
		return acl_may_publish(grant, argument, true);
	if (strcmp(op, "sub") == 0 || strcmp(op, "subm") == 0)
		return acl_may_subscribe(grant, argument);
	assert_true(strcmp(op, "dlv") == 0 || strcmp(op, "rtopic") == 0);
	return acl_may_receive(grant, argument);
}

/* A verdict names a rule that has the effect it says. */
static bool is_allowed(const struct row *row, const struct acl_grant *grant,
                       struct slice argument)
{
	struct acl_verdict verdict = judge(row, grant, argument);

	if (verdict.is_allowed)
		assert_non_null(verdict.rule);
	if (verdict.rule)
		assert_true(verdict.rule->is_deny == !verdict.is_allowed);
	return verdict.is_allowed;
}

/* Whether code number `index` of the answer says that it was refused. */
static bool has_refusal(const struct row *row, size_t index)
{
	const char *code =
	    strchr(row->columns[ANSWER], ' ') + 1 + strlen("80 ") * index;

	return strncmp(code,
	               strcmp(row->columns[VERSION], "5") == 0 ? "87" : "80",
	               2) == 0;
}

static bool is_fine_subm(const struct row *row, const struct acl_grant *grant)
{
	size_t allowed = 0;
	char verdict[16];

	for (size_t i = 0; i < row->argument_count; i++) {
		if (is_allowed(row, grant, row->arguments[i]))
			allowed++;
		else if (!has_refusal(row, i))
			return false;
	}
	snprintf(verdict, sizeof(verdict), "fwd %zu", allowed);
	return strcmp(row->columns[VERDICT], verdict) == 0;
}

static bool is_fine_verdict(const struct row *row, enum outcome outcome)
{
	return strcmp(row->columns[VERDICT], words[outcome]) == 0;
}

static bool is_fine_grant(const struct row *row, const struct acl_grant *grant)
{
	if (strcmp(row->columns[OP], "subm") == 0)
		return is_fine_subm(row, grant);
	return is_fine_verdict(
	    row, is_allowed(row, grant, row->arguments[0]) ? ALLOW : DENY);
}

/* Whether the row comes out as it says. */
static bool is_fine(const struct row *row)
{
	struct acl_grant grant;
	struct acl *acl;
	bool is_right;

	if (has_bad_rule(row))
		return is_fine_verdict(row, CONFIG_ERROR);
	for (size_t i = 0; i < row->argument_count; i++) {
		if (is_malformed(row, row->arguments[i]))
			return is_fine_verdict(row, MALFORMED);
	}
	acl = acl_create(&row->acl);
	assert_non_null(acl);
	assert_true(acl_grant_init(&grant, acl, &row->subject));
	is_right = is_fine_grant(row, &grant);
	acl_grant_finish(&grant);
	acl_destroy(acl);
	return is_right;
}

static bool is_for_others(const struct row *row)
{
	return strcmp(row->columns[OP], "alias") == 0 ||
	       strncmp(row->columns[ACL], "overlap=filter", 14) == 0;
}

static void run_row(struct row *row, struct tally *tally)
{
	tally->rows++;
	if (is_for_others(row)) {
		tally->for_others++;
		return;
	}
	read_identity(row);
	read_rules(row);
	read_arguments(row);
	tally->run++;
	if (is_fine(row))
		return;
	print_error("%s did not come out as %s (%s)\n", row->columns[ID],
	            row->columns[VERDICT], row->columns[NOTE]);
	tally->wrong++;
}

static void run_table(const char *name, size_t rows_wanted)
{
	struct tally tally = { 0 };
	struct row row = { 0 };
	struct table table;

	table_open(&table, name, "id");
	while (table_next(&table, row.columns, ACL_COLUMNS)) {
		run_row(&row, &tally);
		row = (struct row){ 0 };
	}
	table_close(&table);
	assert_int_equal(tally.wrong, 0);
	assert_int_equal(tally.run + tally.for_others, tally.rows);
	assert_true(tally.run >= rows_wanted);
}

static void every_row_of_the_agreed_table_comes_out(void **state)
{
	(void)state;
	run_table("acl-cases.tsv", 113);
}

static void every_row_of_our_own_table_comes_out(void **state)
{
	(void)state;
	run_table("acl-more.tsv", 760);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_of_the_agreed_table_comes_out),
		cmocka_unit_test(every_row_of_our_own_table_comes_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
