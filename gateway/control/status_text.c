/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "config/kind.h"
#include "control/stamp.h"
#include "control/status.h"
#include "control/status_words.h"

#define COLUMNS 78
#define MINUTE_S 60
#define HOUR_S (60 * MINUTE_S)
#define DAY_S (24 * HOUR_S)

static void print_head(FILE *out, const char *head)
{
	fprintf(out, "\n%s\n", head);
}

static void print_stamp(FILE *out, uint64_t ms)
{
	char stamp[STAMP_BYTES];

	stamp_write(ms, stamp);
	fputs(stamp, out);
}

/* How long ago, in the unit that fits. */
static void print_age(FILE *out, uint64_t now_ms, uint64_t since_ms)
{
	uint64_t s = now_ms > since_ms ? (now_ms - since_ms) / 1000 : 0;

	if (s < 2 * MINUTE_S)
		fprintf(out, "%" PRIu64 " s", s);
	else if (s < 2 * HOUR_S)
		fprintf(out, "%" PRIu64 " min", s / MINUTE_S);
	else if (s < 2 * DAY_S)
		fprintf(out, "%" PRIu64 " h", s / HOUR_S);
	else
		fprintf(out, "%" PRIu64 " days", s / DAY_S);
}

static void print_count(FILE *out, uint64_t count, const char *what)
{
	fprintf(out, "%" PRIu64 " %s%s", count, what, count == 1 ? "" : "s");
}

/* Each line of `text`, indented. */
static void print_lines(FILE *out, const char *text)
{
	while (*text != '\0') {
		size_t len = strcspn(text, "\n");

		fprintf(out, "  %.*s\n", (int)len, text);
		text += len;
		text += *text == '\n';
	}
}

/* One paragraph, in lines that are no longer than a terminal's. */
static void print_wrapped(FILE *out, const char *text)
{
	size_t column = 0;

	while (*text != '\0') {
		size_t len = strcspn(text, " ");

		if (column == 0 || column + 1 + len > COLUMNS) {
			fputs(column == 0 ? "  " : "\n  ", out);
			column = 2;
		} else {
			fputc(' ', out);
			column++;
		}
		fwrite(text, 1, len, out);
		column += len;
		text += len;
		text += *text == ' ';
	}
	fputc('\n', out);
}

static void print_reload(FILE *out, const struct status_reload *reload)
{
	if (reload->at_ms == 0)
		return;
	fputs("last reload ", out);
	print_stamp(out, reload->at_ms);
	if (reload->is_good) {
		fputs(": taken\n", out);
		return;
	}
	fputs(": not taken, everything stayed as it was\n", out);
	if (reload->why)
		print_lines(out, reload->why);
}

static void print_program(FILE *out, const struct status *status)
{
	fprintf(out, "postern %s is %s, pid %lu, since ", status->version,
	        status_state_word(status->state), status->pid);
	print_stamp(out, status->since_ms);
	fputs(" (", out);
	print_age(out, status->now_ms, status->since_ms);
	fputs(")\n", out);
	print_reload(out, &status->reload);
}

static void print_role(FILE *out, const struct status_generation *generation)
{
	switch (generation->role) {
	case STATUS_CURRENT:
		fputs("takes new sessions", out);
		break;
	case STATUS_NEXT:
		fputs("is being started", out);
		break;
	case STATUS_KEEPING:
		fputs("keeps its sessions, whose routes have not changed", out);
		break;
	case STATUS_ENDING:
		fputs("is ending, and its sessions are being closed", out);
		break;
	}
}

static void print_generations(FILE *out, const struct status *status)
{
	print_head(out, "generations");
	for (size_t i = 0; i < status->generation_count; i++) {
		const struct status_generation *generation =
		    &status->generations[i];

		fprintf(out, "  %u since ", generation->number);
		print_stamp(out, generation->since_ms);
		fputs(": ", out);
		print_count(out, generation->workers, "worker");
		fputs(", ", out);
		print_count(out, generation->sessions, "session");
		fputs("; ", out);
		print_role(out, generation);
		fputc('\n', out);
	}
}

static void print_certificate(FILE *out, const struct status *status,
                              const struct status_certificate *certificate)
{
	int64_t days = status_days_left(status, certificate->until_ms);

	fprintf(out, "    certificate of %s, ", certificate->names);
	if (days < 0)
		fputs("EXPIRED on ", out);
	else
		fprintf(out, "good for %" PRId64 " days, until ", days);
	print_stamp(out, certificate->until_ms);
	fputc('\n', out);
}

static void print_clients(FILE *out, const struct config_listener *config)
{
	static const char *const sentences[] = {
		[CONFIG_CLIENT_CERTIFICATE_OPTIONAL] =
		    "    who shows a certificate of client_ca is its subject\n",
		[CONFIG_CLIENT_CERTIFICATE_REQUIRED] =
		    "    nobody comes in without a certificate of client_ca, "
		    "whose subject he is\n",
	};
	const char *sentence = sentences[config->tls.client_certificate];

	if (config->tls.is_set && sentence)
		fputs(sentence, out);
}

static void print_proxies(FILE *out, const struct config_listener *config)
{
	const struct config_texts *proxies = &config->trusted_proxies;

	if (proxies->count == 0)
		return;
	fputs(config->proxy_protocol
	          ? "    only proxies come in, with a PROXY header: "
	          : "    proxies tell who the client is: ",
	      out);
	for (size_t i = 0; i < proxies->count; i++)
		fprintf(out, "%s%s", i > 0 ? ", " : "", proxies->list[i].value);
	fputc('\n', out);
}

static void print_listeners(FILE *out, const struct status *status)
{
	print_head(out, "listeners");
	for (size_t i = 0; i < status->listener_count; i++) {
		const struct status_listener *listener = &status->listeners[i];

		fprintf(out, "  %s %s\n", listener->name,
		        listener->certificate_count > 0 ? "TLS" : "plain");
		for (size_t k = 0; k < listener->certificate_count; k++)
			print_certificate(out, status,
			                  &listener->certificates[k]);
		print_clients(out, listener->config);
		print_proxies(out, listener->config);
	}
}

/* Nobody looks where no admin page could tell. */
static const char *reach_text(const struct status *status,
                              enum shared_reach reach)
{
	switch (reach) {
	case SHARED_REACH_UP:
		return "reachable";
	case SHARED_REACH_DOWN:
		return "not reachable";
	case SHARED_REACH_UNKNOWN:
		break;
	}
	return status->config->admin.listen.value
	           ? "not looked at yet"
	           : "not looked at: admin.listen is not set";
}

static void print_upstream(FILE *out, const struct status *status,
                           const struct config_upstream *upstream)
{
	fprintf(out, "  %s", upstream->name.value);
	if (upstream->connects_per_s > 0)
		fprintf(out, ", at most %u connects a second",
		        upstream->connects_per_s);
	fputc('\n', out);
	for (size_t i = 0; i < upstream->servers.count; i++) {
		const char *url = upstream->servers.list[i].value;
		size_t server =
		    shared_server(status->shared, upstream->name.value, url);

		fprintf(
		    out, "    %s %s\n", url,
		    reach_text(status, shared_reach(status->shared, server)));
	}
}

static void print_upstreams(FILE *out, const struct status *status)
{
	print_head(out, "upstreams");
	for (size_t i = 0; i < status->config->upstream_count; i++)
		print_upstream(out, status, &status->config->upstreams[i]);
}

static void print_routes(FILE *out, const struct status *status)
{
	print_head(out, "routes");
	for (size_t i = 0; i < status->config->route_count; i++) {
		const struct config_route *route = &status->config->routes[i];
		size_t number = shared_route(status->shared, route->path.value);

		fprintf(out, "  %s (%s): ", route->path.value,
		        kind_words[route->kind]);
		print_count(out, shared_sum_sessions(status->shared, number),
		            "session");
		fputc('\n', out);
	}
}

static void print_reasons(FILE *out, const struct status *status,
                          const char *head, enum shared_counter first)
{
	bool has_head = false;

	for (int i = CLOSE_NONE + 1; i < CLOSE_REASONS; i++) {
		enum close_reason reason = (enum close_reason)i;
		uint64_t count = status_count_of(status, first, reason);

		if (count == 0)
			continue;
		if (!has_head)
			print_head(out, head);
		has_head = true;
		fprintf(out, "  %s %" PRIu64 "\n", close_answer(reason)->word,
		        count);
	}
}

/* False: no memory. */
static bool print_policy(FILE *out, const struct status *status)
{
	print_head(out, "policy (in topics + is one level and # all below; "
	                "neither reaches $...)");
	for (size_t i = 0; i < status->config->route_count; i++) {
		char *charter = status_charter(status, i);

		if (!charter)
			return false;
		if (i > 0)
			fputc('\n', out);
		print_wrapped(out, charter);
		free(charter);
	}
	return true;
}

static bool print_all(FILE *out, const struct status *status)
{
	print_program(out, status);
	print_generations(out, status);
	print_listeners(out, status);
	print_upstreams(out, status);
	print_routes(out, status);
	print_reasons(out, status, "handshakes refused", SHARED_REFUSALS);
	print_reasons(out, status, "sessions ended", SHARED_CLOSES);
	return print_policy(out, status);
}

char *status_text(const struct status *status)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return NULL;

	bool is_whole = print_all(out, status);

	if (fclose(out) == 0 && is_whole)
		return text;
	free(text);
	return NULL;
}
