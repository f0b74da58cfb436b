/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tables of Origin, allow-list and Host cases, row by row, through a
 * compiled policy: tests/cases/origin-cases.tsv and origin-more.tsv.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/close.h"
#include "config/config.h"
#include "config/problem.h"
#include "policy/host.h"
#include "policy/origin_list.h"
#include "policy/policy.h"
#include "table.h"

#define TEXTS_MAX 4
#define UPGRADED 101
#define REFUSED_AT_LOAD 78

enum column {
	KIND,
	ID,
	LIST,
	OPTIONS,
	INPUT,
	VERDICT,
	STATUS,
	NOTE,
	COLUMNS
};

/* One row, made into the configuration and the request that it describes. */
struct row {
	char *columns[COLUMNS];
	struct config_text entries[TEXTS_MAX];
	struct config_text public_urls[TEXTS_MAX];
	struct config_listener listener;
	struct config_route route;
	bool has_token;
	struct header header;
};

static struct config_texts read_texts(char *text, const char *separator,
                                      struct config_text *out)
{
	char *pieces[TEXTS_MAX];
	struct config_texts texts = { .list = out };

	texts.count = table_split(text, separator, pieces, TEXTS_MAX);
	for (size_t i = 0; i < texts.count; i++) {
		(void)table_unescape(pieces[i]);
		out[i].value = pieces[i];
	}
	return texts;
}

static void read_option(struct row *row, char *option)
{
	if (strcmp(option, "absent=allow") == 0)
		row->route.absent = CONFIG_ABSENT_ALLOW;
	else if (strcmp(option, "absent=token") == 0)
		row->route.absent = CONFIG_ABSENT_TOKEN;
	else if (strcmp(option, "token=1") == 0)
		row->has_token = true;
	else if (strcmp(option, "any=1") == 0)
		row->route.allow_any_origin = true;
	else if (strncmp(option, "public=", strlen("public=")) == 0)
		row->listener.public_urls = read_texts(
		    option + strlen("public="), ",", row->public_urls);
	else
		assert_string_equal(option, "-");
}

static void read_header(struct row *row)
{
	char *input = row->columns[INPUT];

	if (strcmp(input, "<absent>") == 0)
		return;
	row->header.presence = HEADER_ONE;
	if (strchr(input, '|')) {
		row->header.presence = HEADER_REPEATED;
		*strchr(input, '|') = ',';
	}
	row->header.value = table_unescape(input);
}

static void read_row(struct row *row)
{
	static char any_client_id[] = "any";
	static char path[] = "/mqtt";
	char *option, *mark;

	row->route.path.value = path;
	row->route.client_id.value = any_client_id;
	row->route.origins =
	    read_texts(row->columns[LIST], " ;; ", row->entries);
	for (option = strtok_r(row->columns[OPTIONS], " ", &mark); option;
	     option = strtok_r(NULL, " ", &mark))
		read_option(row, option);
	read_header(row);
}

static int judge(const struct row *row, const struct policy *policy)
{
	enum close_reason reason;

	if (strcmp(row->columns[KIND], "host") == 0)
		reason = host_check(&policy->listeners[0].hosts, &row->header);
	else
		reason = origin_list_check(&policy->routes[0].origins[0],
		                           row->route.absent, row->has_token,
		                           &row->header);
	return reason == CLOSE_NONE ? UPGRADED : close_answer(reason)->http;
}

/* The status that the row gets, or REFUSED_AT_LOAD. */
static int run(struct row *row)
{
	struct config config = { .listeners = &row->listener,
		                 .listener_count = 1,
		                 .routes = &row->route,
		                 .route_count = 1 };
	struct problems problems;
	struct policy *policy;
	int status = REFUSED_AT_LOAD;

	problems_init(&problems);
	policy = policy_create(&config, &problems);
	assert_true((policy == NULL) == (problems.errors > 0));
	if (policy)
		status = judge(row, policy);
	policy_destroy(policy);
	problems_finish(&problems);
	return status;
}

static bool is_as_expected(const struct row *row, int status)
{
	const char *verdict = row->columns[VERDICT];

	if (strcmp(verdict, "CONFIG-ERROR") == 0)
		return status == REFUSED_AT_LOAD;
	if (strcmp(verdict, "VALID") == 0)
		return status != REFUSED_AT_LOAD;
	assert_true((strcmp(verdict, "ALLOW") == 0) ==
	            (strcmp(row->columns[STATUS], "101") == 0));
	return status == (int)strtol(row->columns[STATUS], NULL, 10);
}

/* Whether the row comes out as it says; it is printed if not. */
static bool is_fine(struct row *row)
{
	int status;

	read_row(row);
	status = run(row);
	if (is_as_expected(row, status))
		return true;
	print_error("%s: %s wanted %s, got %d (%s)\n", row->columns[ID],
	            row->columns[VERDICT], row->columns[STATUS], status,
	            row->columns[NOTE]);
	return false;
}

static void run_table(const char *name, size_t rows_wanted)
{
	struct row row = { 0 };
	size_t rows = 0;
	size_t wrong = 0;
	struct table table;

	table_open(&table, name, "kind");
	while (table_next(&table, row.columns, COLUMNS)) {
		rows++;
		if (!is_fine(&row))
			wrong++;
		row = (struct row){ 0 };
	}
	table_close(&table);
	assert_int_equal(wrong, 0);
	assert_true(rows >= rows_wanted);
}

static void every_row_of_the_agreed_table_comes_out(void **state)
{
	(void)state;
	run_table("origin-cases.tsv", 116);
}

static void every_row_of_our_own_table_comes_out(void **state)
{
	(void)state;
	run_table("origin-more.tsv", 300);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_of_the_agreed_table_comes_out),
		cmocka_unit_test(every_row_of_our_own_table_comes_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
