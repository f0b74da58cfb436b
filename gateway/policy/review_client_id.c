/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/review_client_id.h"

#include "config/config.h"
#include "policy/client_id.h"

static void refuse(const struct config_text *text, const char *why,
                   struct problems *problems)
{
	problem_error(problems, text->place, "client_id \"%.120s\": %s",
	              text->value, why);
}

static bool is_of_pages(const struct config_route *route)
{
	return route->kind != CONFIG_KIND_MQTT;
}

static void review_match(const struct config_route *route,
                         struct problems *problems)
{
	if (is_of_pages(route))
		refuse(&route->client_id,
		       "pages of this kind of route bring no client id that "
		       "could match: use rewrite: with ${session} or "
		       "${client}",
		       problems);
}

static void review_user(const struct config *config,
                        const struct config_route *route,
                        struct problems *problems)
{
	const struct config_text *text = &route->client_id;
	const struct config_upstream *upstream =
	    config_find_upstream(config, route);

	if (config_asks_certificates(config))
		return;
	if (is_of_pages(route))
		refuse(text,
		       "nobody has a ${user} on this route, so everybody would "
		       "be refused: its pages bring no login; use ${client} or "
		       "${session}",
		       problems);
	else if (upstream && upstream->inject)
		problem_error(problems, text->place,
		              "client_id \"%.120s\": nobody has a ${user} on "
		              "this route, so everybody would be refused: "
		              "upstream \"%.60s\" has inject = true, and the "
		              "user name that a client sends is verified by "
		              "nobody; use ${client} or ${session}",
		              text->value, route->upstream.value);
}

static bool is_same_for_all(const struct client_id_rule *rule)
{
	return rule->kind == CLIENT_ID_KIND_REWRITE && !rule->uses_user &&
	       !rule->uses_client && !rule->uses_session;
}

void review_client_id(const struct config *config,
                      const struct config_route *route,
                      struct problems *problems)
{
	const struct config_text *text = &route->client_id;
	struct client_id_rule rule;
	enum client_id_fault fault;

	if (!text->value)
		return;
	fault = client_id_read(slice_from_text(text->value), &rule);
	if (fault != CLIENT_ID_FINE) {
		refuse(text, client_id_fault_text(fault), problems);
		return;
	}
	if (rule.kind == CLIENT_ID_KIND_MATCH)
		review_match(route, problems);
	if (rule.uses_session && route->persistent)
		refuse(text,
		       "${session} is new for each session, and what the "
		       "broker keeps for it would never be found again: write "
		       "persistent = false on the route as well",
		       problems);
	if (rule.uses_user)
		review_user(config, route, problems);
	if (is_same_for_all(&rule))
		problem_warning(
		    problems, text->place,
		    "client_id \"%.120s\" is the same for all: each "
		    "session throws out the one before; put "
		    "${client} or ${session} into it",
		    text->value);
}
