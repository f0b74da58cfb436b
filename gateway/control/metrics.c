/* SPDX-License-Identifier: Apache-2.0 */
#include "control/metrics.h"

#include <stdio.h>
#include <stdlib.h>

/* What one counter of the shared area is called outside. */
struct metric {
	enum shared_counter counter;
	const char *name;
	const char *labels; /* with braces, or "" */
	const char *help;   /* NULL: the same name as the line before */
};

static const struct metric counters[] = {
	{ SHARED_CONNECTIONS, "postern_connections_total", "",
	  "Connections accepted from browsers." },
	{ SHARED_SESSIONS_OPENED, "postern_sessions_opened_total", "",
	  "Sessions whose upstream was reached." },
	{ SHARED_BYTES_FROM_BROWSER, "postern_bytes_total",
	  "{from=\"browser\"}",
	  "Bytes of messages, by the side they came "
	  "from." },
	{ SHARED_BYTES_FROM_BROKER, "postern_bytes_total", "{from=\"broker\"}",
	  NULL },
	{ SHARED_UPSTREAM_CONNECTS, "postern_upstream_connects_total",
	  "{result=\"reached\"}", "Connections to brokers, by result." },
	{ SHARED_UPSTREAM_FAILURES, "postern_upstream_connects_total",
	  "{result=\"failed\"}", NULL },
	{ SHARED_UPSTREAM_HELD_BACK, "postern_upstream_connects_total",
	  "{result=\"held_back\"}", NULL },
	{ SHARED_TAKEOVER_BACKOFFS, "postern_takeover_backoffs_total", "",
	  "Times that a client id was held back because clients took it from "
	  "each other." },
	{ SHARED_LOG_DROPPED, "postern_log_dropped_total", "",
	  "Lines of the log that stderr did not take." },
};

static void print_head(FILE *out, const char *name, const char *type,
                       const char *help)
{
	fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void print_value(FILE *out, const char *name, const char *labels,
                        uint64_t value)
{
	fprintf(out, "%s%s %llu\n", name, labels, (unsigned long long)value);
}

static void print_counters(FILE *out, const struct shared *shared)
{
	for (size_t i = 0; i < sizeof counters / sizeof counters[0]; i++) {
		const struct metric *m = &counters[i];

		if (m->help)
			print_head(out, m->name, "counter", m->help);
		print_value(out, m->name, m->labels,
		            shared_sum_counter(shared, m->counter));
	}
}

static void print_reasons(FILE *out, const struct shared *shared,
                          const char *name, const char *help,
                          enum shared_counter first,
                          bool (*is_one)(enum close_reason reason))
{
	print_head(out, name, "counter", help);
	for (int i = CLOSE_NONE + 1; i < CLOSE_REASONS; i++) {
		enum close_reason reason = (enum close_reason)i;
		int counter = (int)first + i;

		if (!is_one(reason))
			continue;
		fprintf(out, "%s{reason=\"%s\"} %llu\n", name,
		        close_answer(reason)->word,
		        (unsigned long long)shared_sum_counter(
		            shared, (enum shared_counter)counter));
	}
}

/* A label's value may hold anything but these three as they are. */
static void print_label(FILE *out, const char *value)
{
	for (; *value; value++) {
		if (*value == '"' || *value == '\\')
			fputc('\\', out);
		fputc(*value == '\n' ? ' ' : *value, out);
	}
}

static void print_servers(FILE *out, const struct shared *shared,
                          const struct config *config)
{
	const char *name = "postern_upstream_reachable";

	print_head(out, name, "gauge",
	           "Whether a broker address answered the last look at it.");
	for (size_t i = 0; i < config->upstream_count; i++) {
		const struct config_upstream *upstream = &config->upstreams[i];

		for (size_t k = 0; k < upstream->servers.count; k++) {
			const char *url = upstream->servers.list[k].value;
			size_t server =
			    shared_server(shared, upstream->name.value, url);

			fprintf(out, "%s{upstream=\"", name);
			print_label(out, upstream->name.value);
			fprintf(out, "\",server=\"");
			print_label(out, url);
			fprintf(out, "\"} %d\n",
			        shared_reach(shared, server) == SHARED_REACH_UP
			            ? 1
			            : 0);
		}
	}
}

static void print_denied(FILE *out, const struct shared *shared,
                         const struct config *config)
{
	const char *name = "postern_acl_denied_total";

	print_head(out, name, "counter",
	           "What sessions were not allowed to do, by operation.");
	for (size_t i = 0; i < config->route_count; i++) {
		const char *path = config->routes[i].path.value;
		size_t route = shared_route(shared, path);

		for (int op = 0; op < DENIALS; op++) {
			enum denial denial = (enum denial)op;

			fprintf(out, "%s{op=\"%s\",route=\"", name,
			        denial_word(denial));
			print_label(out, path);
			fprintf(out, "\"} %llu\n",
			        (unsigned long long)shared_denied(shared, route,
			                                          denial));
		}
	}
}

static void print_all(FILE *out, const struct shared *shared,
                      const struct config *config)
{
	print_head(out, "postern_sessions", "gauge", "Sessions that live now.");
	print_value(out, "postern_sessions", "",
	            shared_sum_gauge(shared, SHARED_SESSIONS));
	print_head(out, "postern_memory_bytes", "gauge",
	           "Resident memory of all workers.");
	print_value(out, "postern_memory_bytes", "",
	            shared_sum_gauge(shared, SHARED_MEMORY_BYTES));
	print_head(out, "postern_workers_accepting", "gauge",
	           "Workers that accept connections.");
	print_value(out, "postern_workers_accepting", "",
	            shared_sum_gauge(shared, SHARED_IS_ACCEPTING));
	print_head(out, "postern_worker_restarts_total", "counter",
	           "Workers that died and were replaced.");
	print_value(out, "postern_worker_restarts_total", "",
	            shared_deeds(shared, SHARED_RESTARTS));
	print_counters(out, shared);
	print_reasons(out, shared, "postern_handshake_refused_total",
	              "Handshakes refused, by reason.", SHARED_REFUSALS,
	              close_refuses);
	print_reasons(out, shared, "postern_sessions_closed_total",
	              "Sessions ended, by reason.", SHARED_CLOSES, close_ends);
	print_denied(out, shared, config);
	print_servers(out, shared, config);
}

char *metrics_text(const struct shared *shared, const struct config *config)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return NULL;
	print_all(out, shared, config);
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}
