/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/shared.h"
#include "config/config.h"
#include "config/load.h"
#include "control/status.h"

#define NOW_MS UINT64_C(1795860000000) /* 2026-11-28T10:00:00Z */
#define SECOND_MS 1000u
#define HOUR_MS (3600 * SECOND_MS)
#define DAY_MS (24 * UINT64_C(3600000))

#define CONFIGURATION                                                          \
	"listeners = ( { address = \"0.0.0.0\"; port = 8084; } );"             \
	"upstreams = ( { name = \"plant\"; servers = [\"mqtt://a\", "          \
	"\"mqtt://b\"]; } );"                                                  \
	"routes = ( { path = \"/mqtt\"; upstream = \"plant\"; }, "             \
	"{ path = \"/json\"; kind = \"json\"; upstream = \"plant\"; } );"

struct bench {
	struct problems problems;
	struct config *config;
	struct shared *shared;
	struct status status;
};

static const struct status_generation current[] = {
	{ .number = 1, .since_ms = NOW_MS - 30 * SECOND_MS, .workers = 2 },
};

static const struct status_generation several[] = {
	{ .number = 1,
	  .since_ms = NOW_MS - 3 * HOUR_MS,
	  .workers = 1,
	  .sessions = 7,
	  .role = STATUS_ENDING },
	{ .number = 2,
	  .since_ms = NOW_MS - 2 * HOUR_MS,
	  .workers = 2,
	  .sessions = 40,
	  .role = STATUS_KEEPING },
	{ .number = 3,
	  .since_ms = NOW_MS - HOUR_MS,
	  .workers = 2,
	  .sessions = 5 },
	{ .number = 4, .since_ms = NOW_MS, .workers = 1, .role = STATUS_NEXT },
};

static const struct status_certificate certificates[] = {
	{ "plant.example.com, *.plant.example.com", NOW_MS + 43 * DAY_MS + 1 },
	{ "old.example.com", NOW_MS - 1 },
};

static struct config_text proxies[] = { { .value = "10.0.0.0/8" },
	                                { .value = "unix" } };

static const struct config_listener demanding = {
	.tls = { .is_set = true,
	         .client_certificate = CONFIG_CLIENT_CERTIFICATE_REQUIRED },
	.trusted_proxies = { proxies, 2 },
	.proxy_protocol = true,
};

static const struct config_listener proxied = {
	.trusted_proxies = { proxies + 1, 1 },
};

static const struct status_listener listeners[] = {
	{ .name = "0.0.0.0:8084",
	  .certificates = certificates,
	  .certificate_count = 2,
	  .config = &demanding },
	{ .name = "unix:/run/postern/ws.sock", .config = &proxied },
};

static void hold(struct bench *bench, enum shared_sort_of_name sort,
                 const char *text, const char *scope)
{
	assert_true(shared_hold_name(
	    bench->shared, &(struct shared_name){
	                       .sort = sort, .text = text, .scope = scope }));
}

static int set_up(void **state)
{
	struct bench *bench = calloc(1, sizeof *bench);

	setenv("TZ", "UTC", 1);
	problems_init(&bench->problems);
	bench->config = config_load_text("f", CONFIGURATION, &bench->problems);
	bench->shared = shared_create(2);
	hold(bench, SHARED_ROUTES, "/mqtt", NULL);
	hold(bench, SHARED_ROUTES, "/json", NULL);
	hold(bench, SHARED_SERVERS, "mqtt://a", "plant");
	hold(bench, SHARED_SERVERS, "mqtt://b", "plant");
	bench->status = (struct status){
		.version = "0.1.0",
		.pid = 4711,
		.now_ms = NOW_MS,
		.since_ms = NOW_MS - 30 * SECOND_MS,
		.generations = current,
		.generation_count = 1,
		.listeners = listeners + 1,
		.listener_count = 1,
		.config = bench->config,
		.shared = bench->shared,
	};
	*state = bench;
	return 0;
}

static int tear_down(void **state)
{
	struct bench *bench = *state;

	config_unload(bench->config);
	problems_finish(&bench->problems);
	shared_destroy(bench->shared);
	free(bench);
	return 0;
}

/* Something of everything. */
static void have_a_past(struct bench *bench)
{
	struct shared *shared = bench->shared;
	struct shared_row *row = shared_row(shared, shared_claim_row(shared));
	struct status *status = &bench->status;

	shared_count(
	    row, (enum shared_counter)(SHARED_REFUSALS + CLOSE_ORIGIN_UNKNOWN),
	    3);
	shared_count(
	    row, (enum shared_counter)(SHARED_CLOSES + CLOSE_BROWSER_CLOSED),
	    55);
	shared_count(row, (enum shared_counter)(SHARED_CLOSES + CLOSE_IDLE), 2);
	shared_set_sessions(row, shared_route(shared, "/json"), 12);
	shared_set_reach(shared, shared_server(shared, "plant", "mqtt://a"),
	                 SHARED_REACH_DOWN);
	shared_set_reach(shared, shared_server(shared, "plant", "mqtt://b"),
	                 SHARED_REACH_UP);
	status->state = STATUS_RELOADING;
	status->since_ms = NOW_MS - 3 * HOUR_MS;
	status->reload = (struct status_reload){
		.at_ms = NOW_MS - HOUR_MS,
		.why = "f:3: unknown setting \"a\"\nf:9: no such upstream\n",
	};
	status->generations = several;
	status->generation_count = 4;
	status->listeners = listeners;
	status->listener_count = 2;
}

#define POLICY_TEXT                                                            \
	"\npolicy (in topics + is one level and # all below; neither reaches " \
	"$...)\n"                                                              \
	"  /mqtt (mqtt) leads to upstream plant. No page may connect. "        \
	"Clients that send\n"                                                  \
	"  no Origin are refused. They may publish and subscribe to whatever " \
	"the broker\n"                                                         \
	"  lets them: there are no rules. They log in at the broker with "     \
	"what they send\n"                                                     \
	"  themselves. They choose their client id. The broker may keep a "    \
	"session that\n"                                                       \
	"  has ended. At most: 64 subscriptions of one session. No message "   \
	"from them is\n"                                                       \
	"  logged.\n"                                                          \
	"\n"                                                                   \
	"  /json (json) leads to upstream plant. No page may connect. "        \
	"Clients that send\n"                                                  \
	"  no Origin are refused. They may publish and subscribe to whatever " \
	"the broker\n"                                                         \
	"  lets them: there are no rules. They have no login at the broker. "  \
	"Each has a\n"                                                         \
	"  client id of its own. The broker may keep a session that has "      \
	"ended. At most:\n"                                                    \
	"  64 subscriptions of one session, 1048576 bytes in a packet. No "    \
	"message from\n"                                                       \
	"  them is logged.\n"

static void one_that_has_just_begun(void **state)
{
	struct bench *bench = *state;
	char *text = status_text(&bench->status);

	assert_string_equal(
	    text, "postern 0.1.0 is serving, pid 4711, since "
	          "2026-11-28T09:59:30+00:00 (30 s)\n"
	          "\n"
	          "generations\n"
	          "  1 since 2026-11-28T09:59:30+00:00: 2 workers, 0 sessions; "
	          "takes new sessions\n"
	          "\n"
	          "listeners\n"
	          "  unix:/run/postern/ws.sock plain\n"
	          "    proxies tell who the client is: unix\n"
	          "\n"
	          "upstreams\n"
	          "  plant, at most 200 connects a second\n"
	          "    mqtt://a not looked at: admin.listen is not set\n"
	          "    mqtt://b not looked at: admin.listen is not set\n"
	          "\n"
	          "routes\n"
	          "  /mqtt (mqtt): 0 sessions\n"
	          "  /json (json): 0 sessions\n" POLICY_TEXT);
	free(text);
}

static void one_with_a_past(void **state)
{
	struct bench *bench = *state;
	char *text;

	have_a_past(bench);
	text = status_text(&bench->status);
	assert_string_equal(
	    text,
	    "postern 0.1.0 is reloading, pid 4711, since "
	    "2026-11-28T07:00:00+00:00 (3 h)\n"
	    "last reload 2026-11-28T09:00:00+00:00: not taken, everything "
	    "stayed as it was\n"
	    "  f:3: unknown setting \"a\"\n"
	    "  f:9: no such upstream\n"
	    "\n"
	    "generations\n"
	    "  1 since 2026-11-28T07:00:00+00:00: 1 worker, 7 sessions; is "
	    "ending, and its sessions are being closed\n"
	    "  2 since 2026-11-28T08:00:00+00:00: 2 workers, 40 sessions; "
	    "keeps its sessions, whose routes have not changed\n"
	    "  3 since 2026-11-28T09:00:00+00:00: 2 workers, 5 sessions; "
	    "takes new sessions\n"
	    "  4 since 2026-11-28T10:00:00+00:00: 1 worker, 0 sessions; is "
	    "being started\n"
	    "\n"
	    "listeners\n"
	    "  0.0.0.0:8084 TLS\n"
	    "    certificate of plant.example.com, *.plant.example.com, good "
	    "for 43 days, until 2027-01-10T10:00:00+00:00\n"
	    "    certificate of old.example.com, EXPIRED on "
	    "2026-11-28T09:59:59+00:00\n"
	    "    nobody comes in without a certificate of client_ca, whose "
	    "subject he is\n"
	    "    only proxies come in, with a PROXY header: 10.0.0.0/8, unix\n"
	    "  unix:/run/postern/ws.sock plain\n"
	    "    proxies tell who the client is: unix\n"
	    "\n"
	    "upstreams\n"
	    "  plant, at most 200 connects a second\n"
	    "    mqtt://a not reachable\n"
	    "    mqtt://b reachable\n"
	    "\n"
	    "routes\n"
	    "  /mqtt (mqtt): 0 sessions\n"
	    "  /json (json): 12 sessions\n"
	    "\n"
	    "handshakes refused\n"
	    "  origin_unknown 3\n"
	    "\n"
	    "sessions ended\n"
	    "  idle 2\n"
	    "  browser_closed 55\n" POLICY_TEXT);
	free(text);
}

static void a_reload_that_was_taken(void **state)
{
	struct bench *bench = *state;
	char *text;

	bench->status.state = STATUS_DRAINING;
	bench->status.since_ms = NOW_MS - 5 * DAY_MS;
	bench->status.reload.at_ms = NOW_MS;
	bench->status.reload.is_good = true;
	text = status_text(&bench->status);
	assert_non_null(strstr(text, "is draining, pid 4711, since "
	                             "2026-11-23T10:00:00+00:00 (5 days)\n"
	                             "last reload "
	                             "2026-11-28T10:00:00+00:00: taken\n"
	                             "\ngenerations\n"));
	free(text);
}

#define POLICY_JSON                                                            \
	"No page may connect. Clients that send no Origin are refused. They "  \
	"may publish and subscribe to whatever the broker lets them: there "   \
	"are no rules. "

static void the_same_for_programs(void **state)
{
	struct bench *bench = *state;
	char *text;

	have_a_past(bench);
	text = status_json(&bench->status);
	assert_string_equal(
	    text,
	    "{\"version\":\"0.1.0\",\"pid\":4711,\"state\":\"reloading\","
	    "\"now_ms\":1795860000000,\"since_ms\":1795849200000,"
	    "\"last_reload\":{\"at_ms\":1795856400000,\"is_good\":false,"
	    "\"why\":\"f:3: unknown setting \\\"a\\\"\\nf:9: no such "
	    "upstream\\n\"},"
	    "\"generations\":["
	    "{\"number\":1,\"since_ms\":1795849200000,\"workers\":1,"
	    "\"sessions\":7,\"role\":\"ending\"},"
	    "{\"number\":2,\"since_ms\":1795852800000,\"workers\":2,"
	    "\"sessions\":40,\"role\":\"keeping\"},"
	    "{\"number\":3,\"since_ms\":1795856400000,\"workers\":2,"
	    "\"sessions\":5,\"role\":\"current\"},"
	    "{\"number\":4,\"since_ms\":1795860000000,\"workers\":1,"
	    "\"sessions\":0,\"role\":\"next\"}],"
	    "\"listeners\":[{\"name\":\"0.0.0.0:8084\",\"has_tls\":true,"
	    "\"certificates\":[{\"names\":\"plant.example.com, "
	    "*.plant.example.com\",\"until_ms\":1799575200001,"
	    "\"days_left\":43},{\"names\":\"old.example.com\","
	    "\"until_ms\":1795859999999,\"days_left\":-1}],"
	    "\"client_certificate\":\"required\","
	    "\"trusted_proxies\":[\"10.0.0.0/8\",\"unix\"],"
	    "\"proxy_protocol\":true},"
	    "{\"name\":\"unix:/run/postern/ws.sock\",\"has_tls\":false,"
	    "\"certificates\":[],\"client_certificate\":\"none\","
	    "\"trusted_proxies\":[\"unix\"],\"proxy_protocol\":false}],"
	    "\"upstreams\":[{\"name\":\"plant\",\"connects_per_s\":200,"
	    "\"servers\":["
	    "{\"url\":\"mqtt://a\",\"reach\":\"unreachable\"},"
	    "{\"url\":\"mqtt://b\",\"reach\":\"reachable\"}]}],"
	    "\"routes\":[{\"path\":\"/mqtt\",\"kind\":\"mqtt\","
	    "\"sessions\":0,\"policy\":\"/mqtt (mqtt) leads to upstream "
	    "plant. " POLICY_JSON
	    "They log in at the broker with what they send themselves. They "
	    "choose their client id. The broker may keep a session that has "
	    "ended. At most: 64 subscriptions of one session. No message "
	    "from them is logged.\"},"
	    "{\"path\":\"/json\",\"kind\":\"json\",\"sessions\":12,"
	    "\"policy\":\"/json (json) leads to upstream plant. " POLICY_JSON
	    "They have no login at the broker. Each has a client id of its "
	    "own. The broker may keep a session that has ended. At most: 64 "
	    "subscriptions of one session, 1048576 bytes in a packet. No "
	    "message from them is logged.\"}],"
	    "\"refused\":{\"origin_unknown\":3},"
	    "\"ended\":{\"idle\":2,\"browser_closed\":55}}\n");
	free(text);
}

#define BENCH_TEST(name)                                                       \
	cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		BENCH_TEST(one_that_has_just_begun),
		BENCH_TEST(one_with_a_past),
		BENCH_TEST(a_reload_that_was_taken),
		BENCH_TEST(the_same_for_programs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
