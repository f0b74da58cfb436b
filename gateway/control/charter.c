/* SPDX-License-Identifier: Apache-2.0 */
#include "control/charter.h"

#include <string.h>

#include "config/config.h"
#include "config/kind.h"
#include "policy/client_id.h"
#include "policy/policy.h"

#define ANY "*"
#define OPAQUE "null"
#define PACKET_BYTES_MOST 268435455 /* of MQTT itself */

const char *charter_separator(size_t index, size_t count, const char *last)
{
	if (index == 0)
		return "";
	return index + 1 < count ? ", " : last;
}

/* Who may come in. */

static bool has_origin(const struct config_route *route, const char *word)
{
	for (size_t i = 0; i < route->origins.count; i++) {
		if (strcmp(route->origins.list[i].value, word) == 0)
			return true;
	}
	return false;
}

static bool is_page(const char *origin)
{
	return strcmp(origin, ANY) != 0 && strcmp(origin, OPAQUE) != 0 &&
	       strcmp(origin, POLICY_SELF) != 0;
}

static void write_page(FILE *out, const char *origin)
{
	size_t len = strlen(origin);

	fputs(origin, out);
	if (strstr(origin, "://*."))
		fputs(" (any name below that)", out);
	if (len > 2 && strcmp(origin + len - 2, ":*") == 0)
		fputs(" (any port)", out);
}

/* False: none is named. */
static bool write_pages(FILE *out, const struct config_route *route)
{
	const struct config_texts *origins = &route->origins;
	size_t count = 0;
	size_t written = 0;

	for (size_t i = 0; i < origins->count; i++)
		count += is_page(origins->list[i].value);
	if (count == 0)
		return false;
	fputs(" Pages of ", out);
	for (size_t i = 0; i < origins->count; i++) {
		if (!is_page(origins->list[i].value))
			continue;
		fputs(charter_separator(written++, count, " and "), out);
		write_page(out, origins->list[i].value);
	}
	fputs(" may connect", out);
	return true;
}

static void write_public_urls(FILE *out, const struct config *config)
{
	bool is_first = true;

	for (size_t i = 0; i < config->listener_count; i++) {
		const struct config_texts *urls =
		    &config->listeners[i].public_urls;

		for (size_t k = 0; k < urls->count; k++) {
			fprintf(out, "%s%s", is_first ? " (" : ", ",
			        urls->list[k].value);
			is_first = false;
		}
	}
	fputs(is_first ? " (it has none)" : ")", out);
}

/* Goes on with the sentence by which others may connect, or begins it. */
static void write_more(FILE *out, bool is_first, const char *pages)
{
	fprintf(out, is_first ? " Pages %s" : "; so may pages %s", pages);
}

static void write_self(FILE *out, const struct config *config, bool is_first)
{
	write_more(out, is_first, "of the listener's own URLs");
	write_public_urls(out, config);
	fputs(is_first ? " may connect" : "", out);
}

static void write_opaque(FILE *out, bool is_first)
{
	write_more(out, is_first,
	           "without an origin (files, sandboxed frames)");
	fputs(is_first ? " may connect" : "", out);
}

static void write_origins(FILE *out, const struct config *config,
                          const struct config_route *route)
{
	bool is_any = has_origin(route, ANY);
	bool has_self = !is_any && has_origin(route, POLICY_SELF);
	bool has_begun = is_any;

	if (is_any)
		fputs(" Every page there is may connect", out);
	else
		has_begun = write_pages(out, route);
	if (has_self)
		write_self(out, config, !has_begun);
	has_begun = has_begun || has_self;
	if (has_origin(route, OPAQUE))
		write_opaque(out, !has_begun);
	else if (!has_begun)
		fputs(" No page may connect", out);
	fputc('.', out);
}

static void write_absent(FILE *out, const struct config_route *route)
{
	switch (route->absent) {
	case CONFIG_ABSENT_DENY:
		fputs(" Clients that send no Origin are refused.", out);
		break;
	case CONFIG_ABSENT_ALLOW:
		fputs(" Clients that send no Origin (programs that are no "
		      "browsers) may connect.",
		      out);
		break;
	case CONFIG_ABSENT_TOKEN:
		fputs(" Clients that send no Origin may connect with a token "
		      "only.",
		      out);
		break;
	}
}

/* What they are at the broker. */

static void write_login(FILE *out, const struct config_upstream *upstream,
                        const struct config_route *route)
{
	if (upstream && upstream->inject) {
		fprintf(out, " Everybody logs in at the broker as \"%s\"",
		        upstream->username.value);
		fputs(route->anonymous
		          ? ": whoever can reach the port has this login."
		          : ".",
		      out);
		return;
	}
	fputs(route->kind == CONFIG_KIND_MQTT
	          ? " They log in at the broker with what they send themselves."
	          : " They have no login at the broker.",
	      out);
}

static void write_client_id(FILE *out, const struct config_route *route)
{
	const char *text = route->client_id.value;
	struct client_id_rule rule;
	const char *pattern;

	if (client_id_read(slice_from_text(text), &rule) != CLIENT_ID_FINE)
		return;
	pattern = strchr(text, ':') ? strchr(text, ':') + 1 : "";
	switch (rule.kind) {
	case CLIENT_ID_KIND_ANY:
		fputs(route->kind == CONFIG_KIND_MQTT
		          ? " They choose their client id."
		          : " Each has a client id of its own.",
		      out);
		break;
	case CLIENT_ID_KIND_MATCH:
		fprintf(out, " Their client id must have the form \"%s\".",
		        pattern);
		break;
	case CLIENT_ID_KIND_REWRITE:
		fprintf(out, " Their client id at the broker is \"%s\"%s%s.",
		        pattern,
		        rule.uses_client ? ", ${client} being their own" : "",
		        rule.uses_session ? ", ${session} new each time" : "");
		break;
	}
}

static void write_persistence(FILE *out, const struct config_route *route)
{
	fprintf(out, " The broker %s a session that has ended.",
	        route->persistent ? "may keep" : "keeps nothing of");
}

/* Channels, wills, bounds. */

static void write_channel(FILE *out, const struct config_route *route)
{
	if (route->kind != CONFIG_KIND_CHANNEL)
		return;
	if (route->publish.value && !route->read_only)
		fprintf(out, " What they send is published to %s (QoS %u).",
		        route->publish.value, route->qos);
	else
		fputs(" What they send is refused.", out);
	if (route->subscribe.count == 0)
		return;
	fputs(" They get the messages of ", out);
	for (size_t i = 0; i < route->subscribe.count; i++)
		fprintf(out, "%s%s",
		        charter_separator(i, route->subscribe.count, " and "),
		        route->subscribe.list[i].value);
	fprintf(out, " (QoS %u).", route->qos);
}

static void write_will(FILE *out, const struct config_will *will)
{
	if (will->is_set)
		fprintf(out,
		        " When one breaks off, the broker publishes to %s "
		        "(QoS %u%s).",
		        will->topic.value, will->qos,
		        will->retain ? ", retained" : "");
}

static void write_limit(FILE *out, bool *has_begun, uint32_t limit,
                        const char *what)
{
	if (limit == 0)
		return;
	fprintf(out, "%s%u %s", *has_begun ? ", " : " At most: ", limit, what);
	*has_begun = true;
}

static void write_limits(FILE *out, const struct config_limits *limits)
{
	bool has_begun = false;

	write_limit(out, &has_begun, limits->sessions, "sessions");
	write_limit(out, &has_begun, limits->sessions_per_address,
	            "sessions from one address");
	write_limit(out, &has_begun, limits->messages_per_s,
	            "messages a second");
	write_limit(out, &has_begun, limits->bytes_per_s, "bytes a second");
	write_limit(out, &has_begun, limits->subscribes_per_s,
	            "SUBSCRIBE packets a second");
	write_limit(out, &has_begun, limits->subscriptions,
	            "subscriptions of one session");
	if (limits->packet_bytes < PACKET_BYTES_MOST)
		write_limit(out, &has_begun, limits->packet_bytes,
		            "bytes in a packet");
	if (has_begun)
		fputc('.', out);
}

static void write_audit(FILE *out, const struct config_route *route)
{
	static const char *const which[] = {
		[CONFIG_AUDIT_NONE] = "No message from them",
		[CONFIG_AUDIT_REFUSED] = "Each refused message from them",
		[CONFIG_AUDIT_PUBLISH] = "Each message from them",
	};

	fprintf(out, " %s is logged.", which[route->audit]);
}

void charter_write(FILE *out, const struct config *config,
                   const struct config_route *route)
{
	const struct config_acl *acl = config_find_acl(config, route);

	fprintf(out, "%s (%s) leads to upstream %s.", route->path.value,
	        kind_words[route->kind], route->upstream.value);
	write_origins(out, config, route);
	write_absent(out, route);
	write_channel(out, route);
	if (route->kind == CONFIG_KIND_CHANNEL && acl)
		fputs(" All that only as far as the rules go.", out);
	if (route->kind != CONFIG_KIND_CHANNEL || acl)
		charter_write_rights(out, acl, route);
	write_will(out, &route->will);
	write_login(out, config_find_upstream(config, route), route);
	write_client_id(out, route);
	write_persistence(out, route);
	write_limits(out, &route->limits);
	write_audit(out, route);
}
