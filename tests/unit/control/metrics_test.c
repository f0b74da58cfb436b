/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/latency.h"
#include "base/roll.h"
#include "base/shared.h"
#include "control/metric.h"
#include "control/metrics.h"

#define LINES_MOST 400
#define ROUTES 3

/* The last one is what nobody writes, and some may. */
static const char *const paths[ROUTES] = { "/mqtt", "/chat", "/a\"b\\c\n\xe4" };

struct stage {
	struct shared *shared;
	struct shared_row *row;
	struct config_route routes[ROUTES];
	struct config_text servers[2];
	struct config_upstream upstream;
	struct config config;
	struct metrics_certificate certificates[2];
	struct metrics_view view;
	char *text;
	char *lines[LINES_MOST];
	size_t line_count;
};

static void hold(struct stage *stage, enum shared_sort_of_name sort,
                 const char *text, const char *scope)
{
	const struct shared_name name = { sort, text, scope };

	assert_true(shared_hold_name(stage->shared, &name));
}

static void configure(struct stage *stage)
{
	for (size_t i = 0; i < ROUTES; i++) {
		stage->routes[i].path.value = (char *)(uintptr_t)paths[i];
		hold(stage, SHARED_ROUTES, paths[i], NULL);
	}
	stage->routes[1].kind = CONFIG_KIND_CHANNEL;
	stage->servers[0].value = (char *)(uintptr_t) "mqtt://a";
	stage->servers[1].value = (char *)(uintptr_t) "mqtt://b";
	stage->upstream.name.value = (char *)(uintptr_t) "plant";
	stage->upstream.servers.list = stage->servers;
	stage->upstream.servers.count = 2;
	for (size_t i = 0; i < 2; i++)
		hold(stage, SHARED_SERVERS, stage->servers[i].value, "plant");
	stage->config.routes = stage->routes;
	stage->config.route_count = ROUTES;
	stage->config.upstreams = &stage->upstream;
	stage->config.upstream_count = 1;
}

static int set_up(void **state)
{
	struct stage *stage = calloc(1, sizeof *stage);

	*state = stage;
	if (!stage)
		return -1;
	stage->shared = shared_create(2);
	assert_non_null(stage->shared);
	assert_int_equal(shared_claim_row(stage->shared), 0);
	stage->row = shared_row(stage->shared, 0);
	configure(stage);
	stage->view = (struct metrics_view){
		.shared = stage->shared,
		.config = &stage->config,
		.version = "1.2.3",
		.certificates = stage->certificates,
	};
	return 0;
}

static int tear_down(void **state)
{
	struct stage *stage = *state;

	shared_destroy(stage->shared);
	free(stage->text);
	free(stage);
	return 0;
}

static void read_page(struct stage *stage)
{
	char *at;

	free(stage->text);
	stage->line_count = 0;
	stage->text = metrics_text(&stage->view);
	assert_non_null(stage->text);
	at = stage->text;
	while (*at != '\0') {
		char *end = strchr(at, '\n');

		assert_non_null(end);
		*end = '\0';
		assert_true(stage->line_count < LINES_MOST);
		stage->lines[stage->line_count++] = at;
		at = end + 1;
	}
}

/* How many lines are this one. */
static int count_line(const struct stage *stage, const char *line)
{
	int count = 0;

	for (size_t i = 0; i < stage->line_count; i++)
		count += strcmp(stage->lines[i], line) == 0 ? 1 : 0;
	return count;
}

static void assert_line(const struct stage *stage, const char *line)
{
	if (count_line(stage, line) != 1)
		fail_msg("%d times: %s", count_line(stage, line), line);
}

static void assert_no_line_with(const struct stage *stage, const char *part)
{
	for (size_t i = 0; i < stage->line_count; i++) {
		if (strstr(stage->lines[i], part))
			fail_msg("there is: %s", stage->lines[i]);
	}
}

/* The name and the labels of a sample: all before its value. */
static size_t key_len(const char *line)
{
	const char *space = strrchr(line, ' ');

	assert_non_null(space);
	return (size_t)(space - line);
}

static void each_metric_has_its_help_and_type_once(void **state)
{
	struct stage *stage = *state;
	char line[128];
	static const char *const types[] = { "counter", "gauge", "histogram" };

	read_page(stage);
	for (size_t i = 0; i < metric_count; i++) {
		const struct metric *metric = &metric_list[i];
		int helps = 0;

		snprintf(line, sizeof line, "# HELP %s ", metric->name);
		for (size_t k = 0; k < stage->line_count; k++)
			helps +=
			    strncmp(stage->lines[k], line, strlen(line)) == 0;
		assert_int_equal(helps, 1);
		snprintf(line, sizeof line, "# TYPE %s %s", metric->name,
		         types[metric->type]);
		assert_line(stage, line);
	}
}

static void no_sample_stands_twice(void **state)
{
	struct stage *stage = *state;

	read_page(stage);
	for (size_t i = 0; i < stage->line_count; i++) {
		const char *line = stage->lines[i];
		size_t len = key_len(line);

		for (size_t k = 0; k < i && line[0] != '#'; k++)
			assert_false(key_len(stage->lines[k]) == len &&
			             memcmp(stage->lines[k], line, len) == 0);
	}
}

/* As `promtool check metrics` has it. */
static void names_follow_the_custom(void **state)
{
	(void)state;
	for (size_t i = 0; i < metric_count; i++) {
		const struct metric *metric = &metric_list[i];
		size_t len = strlen(metric->name);
		const char *letters = "abcdefghijklmnopqrstuvwxyz_";
		bool is_total =
		    len > 6 && strcmp(metric->name + len - 6, "_total") == 0;

		assert_int_equal(strspn(metric->name, letters), len);
		assert_int_equal(is_total, metric->type == METRIC_COUNTER);
		assert_null(strpbrk(metric->help, "\\\n"));
		assert_int_equal(metric->help[strlen(metric->help) - 1], '.');
	}
}

static void labels_are_escaped(void **state)
{
	struct stage *stage = *state;

	stage->view.version = "\x7f";
	read_page(stage);
	assert_line(stage,
	            "postern_sessions{route=\"/a\\\"b\\\\c\\\\x0a\\\\xe4\","
	            "kind=\"mqtt\"} 0");
	assert_line(stage, "postern_build_info{version=\"\\\\x7f\"} 1");
}

static void counts_stand_beside_their_words(void **state)
{
	struct stage *stage = *state;

	shared_count(stage->row, SHARED_CONNECTIONS, 1);
	shared_count(stage->row, SHARED_PACKETS_FROM_BROWSER, 2);
	shared_count(stage->row, SHARED_PACKETS_FROM_BROKER, 3);
	shared_count(stage->row, SHARED_UPSTREAM_FAILURES, 4);
	shared_count_deed(stage->shared, SHARED_RELOADS_FAILED);
	shared_set(stage->row, SHARED_PAHO_REQUESTS, 5);
	read_page(stage);
	assert_line(stage, "postern_connections_total 1");
	assert_line(stage, "postern_packets_total{from=\"browser\"} 2");
	assert_line(stage, "postern_packets_total{from=\"broker\"} 3");
	assert_line(stage,
	            "postern_upstream_connects_total{result=\"reached\"} 0");
	assert_line(stage,
	            "postern_upstream_connects_total{result=\"failed\"} 4");
	assert_line(stage, "postern_reloads_total{result=\"ok\"} 0");
	assert_line(stage, "postern_reloads_total{result=\"failed\"} 1");
	assert_line(stage, "postern_paho_queue{waits_for=\"thread\"} 0");
	assert_line(stage, "postern_paho_queue{waits_for=\"answer\"} 5");
}

static void count_connect(struct stage *stage, uint64_t us)
{
	int bucket = SHARED_CONNECT_BUCKETS + (int)latency_bucket(us);

	shared_count(stage->row, SHARED_CONNECT_US, us);
	shared_count(stage->row, (enum shared_counter)bucket, 1);
}

static void buckets_have_all_below_them(void **state)
{
	struct stage *stage = *state;
#define CONNECT "postern_upstream_connect_seconds"

	count_connect(stage, 1000);
	count_connect(stage, 1001);
	count_connect(stage, 10000000);
	count_connect(stage, 10000001);
	read_page(stage);
	assert_line(stage, CONNECT "_bucket{le=\"0.001\"} 1");
	assert_line(stage, CONNECT "_bucket{le=\"0.0025\"} 2");
	assert_line(stage, CONNECT "_bucket{le=\"5\"} 2");
	assert_line(stage, CONNECT "_bucket{le=\"10\"} 3");
	assert_line(stage, CONNECT "_bucket{le=\"+Inf\"} 4");
	assert_line(stage, CONNECT "_sum 20.002002");
	assert_line(stage, CONNECT "_count 4");
}

static void sessions_stand_beside_their_route(void **state)
{
	struct stage *stage = *state;
	size_t chat = shared_route(stage->shared, "/chat");

	shared_set_sessions(stage->row, chat, 7);
	shared_count_opened(stage->shared, chat);
	shared_count_denied(stage->shared, chat, DENIAL_WILL);
	read_page(stage);
	assert_line(stage, "postern_sessions{route=\"/mqtt\",kind=\"mqtt\"} 0");
	assert_line(stage,
	            "postern_sessions{route=\"/chat\",kind=\"channel\"} 7");
	assert_line(stage, "postern_sessions_opened_total{route=\"/chat\","
	                   "kind=\"channel\"} 1");
	assert_line(stage, "postern_acl_denied_total{op=\"will\","
	                   "route=\"/chat\"} 1");
	assert_no_line_with(stage, "route=\"-\"");
}

static void sessions_of_routes_that_are_gone_are_not_left_out(void **state)
{
	struct stage *stage = *state;
	size_t chat = shared_route(stage->shared, "/chat");

	shared_set_sessions(stage->row, chat, 7);
	shared_set_sessions(stage->row, ROLL_NAMES - 1, 2);
	stage->config.route_count = 1;
	read_page(stage);
	assert_line(stage, "postern_sessions{route=\"-\",kind=\"-\"} 9");
}

static void each_server_says_whether_it_is_reachable(void **state)
{
	struct stage *stage = *state;
	size_t server = shared_server(stage->shared, "plant", "mqtt://b");

	shared_set_reach(stage->shared, server, SHARED_REACH_UP);
	read_page(stage);
	assert_line(stage, "postern_upstream_reachable{upstream=\"plant\","
	                   "server=\"mqtt://a\"} 0");
	assert_line(stage, "postern_upstream_reachable{upstream=\"plant\","
	                   "server=\"mqtt://b\"} 1");
}

static void each_certificate_has_its_end(void **state)
{
	struct stage *stage = *state;

	stage->certificates[0] =
	    (struct metrics_certificate){ "127.0.0.1:8084", 4102444800 };
	stage->certificates[1] =
	    (struct metrics_certificate){ "[::1]:8084", 4102444801 };
	stage->view.certificate_count = 2;
	read_page(stage);
	assert_line(stage, "postern_tls_not_after_seconds{"
	                   "listener=\"127.0.0.1:8084\"} 4102444800");
	assert_line(stage, "postern_tls_not_after_seconds{"
	                   "listener=\"[::1]:8084\"} 4102444801");
}

static void reasons_are_either_refusals_or_ends(void **state)
{
	struct stage *stage = *state;

	read_page(stage);
	assert_line(stage, "postern_handshake_refused_total{"
	                   "reason=\"no_route\"} 0");
	assert_line(stage, "postern_sessions_closed_total{"
	                   "reason=\"idle\"} 0");
	assert_no_line_with(stage, "reason=\"none\"");
}

static void workers_that_died_still_count_in_what_they_did(void **state)
{
	struct stage *stage = *state;

	count_connect(stage, 1);
	shared_count(stage->row, SHARED_CONNECTIONS, 3);
	shared_set(stage->row, SHARED_QUEUE_BYTES, 3);
	read_page(stage);
	assert_line(stage, "postern_workers 1");
	assert_line(stage, "postern_queue_bytes 3");
	shared_release_row(stage->shared, 0);
	read_page(stage);
	assert_line(stage, "postern_workers 0");
	assert_line(stage, "postern_queue_bytes 0");
	assert_line(stage, "postern_connections_total 3");
	assert_line(stage, CONNECT "_count 1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    each_metric_has_its_help_and_type_once, set_up, tear_down),
		cmocka_unit_test_setup_teardown(no_sample_stands_twice, set_up,
		                                tear_down),
		cmocka_unit_test(names_follow_the_custom),
		cmocka_unit_test_setup_teardown(labels_are_escaped, set_up,
		                                tear_down),
		cmocka_unit_test_setup_teardown(counts_stand_beside_their_words,
		                                set_up, tear_down),
		cmocka_unit_test_setup_teardown(buckets_have_all_below_them,
		                                set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    sessions_stand_beside_their_route, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    sessions_of_routes_that_are_gone_are_not_left_out, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    each_server_says_whether_it_is_reachable, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(each_certificate_has_its_end,
		                                set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    reasons_are_either_refusals_or_ends, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    workers_that_died_still_count_in_what_they_did, set_up,
		    tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
