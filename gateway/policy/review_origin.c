/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/review_origin.h"

#include <string.h>

#include "base/slice.h"
#include "config/config.h"
#include "policy/origin.h"
#include "policy/policy.h"

void review_origin_listener(const struct config_listener *listener,
                            struct problems *problems)
{
	const struct config_texts *urls = &listener->public_urls;
	struct origin origin;

	for (size_t i = 0; i < urls->count; i++) {
		const struct config_text *url = &urls->list[i];
		enum origin_fault fault =
		    origin_read_public(slice_from_text(url->value), &origin);

		if (fault != ORIGIN_FINE)
			problem_error(problems, url->place,
			              "public_urls: \"%s\": %s", url->value,
			              origin_fault_text(fault));
	}
}

static size_t count_nameless(const struct config *config)
{
	size_t count = 0;

	for (size_t i = 0; i < config->listener_count; i++) {
		if (config->listeners[i].public_urls.count == 0)
			count++;
	}
	return count;
}

static void review_self(const struct config *config,
                        const struct config_text *entry,
                        struct problems *problems)
{
	size_t nameless = count_nameless(config);

	if (nameless == config->listener_count)
		problem_error(problems, entry->place,
		              "origins: \"self\" stands for the public_urls of "
		              "the listener, and no listener has any: write "
		              "them there");
	else if (nameless > 0)
		problem_warning(problems, entry->place,
		                "origins: \"self\" lets nobody in on %zu of "
		                "%zu listeners, which have no public_urls",
		                nameless, config->listener_count);
}

/*
 * A browser shows its user's certificate whichever page asks: with "*", any
 * page of the web would act for him.
 */
static void review_any(const struct config *config,
                       const struct config_route *route,
                       const struct config_text *entry,
                       struct problems *problems)
{
	if (config_asks_certificates(config))
		problem_error(
		    problems, entry->place,
		    "origins: \"*\" cannot be where clients are asked "
		    "for a certificate: every page of the web could "
		    "use that of its visitor");
	else if (route->allow_any_origin)
		problem_warning(problems, entry->place,
		                "origins: \"*\" lets in every page of the web");
	else
		problem_error(problems, entry->place,
		              "origins: \"*\" lets in every page of the web: "
		              "if that is meant, write allow_any_origin = true "
		              "on the route as well");
}

static void review_tuple(const struct config_text *entry,
                         const struct origin *origin, struct problems *problems)
{
	if (origin->is_subdomains)
		problem_warning(problems, entry->place,
		                "origins: \"%s\" lets in the pages of every "
		                "host below %.*s, whoever owns it",
		                entry->value, (int)origin->host.name.len,
		                (const char *)origin->host.name.data);
	if (origin->is_any_port)
		problem_warning(problems, entry->place,
		                "origins: \"%s\" lets in the pages of every "
		                "program on the browser's own machine",
		                entry->value);
}

static void review_entry(const struct config *config,
                         const struct config_route *route,
                         const struct config_text *entry,
                         struct problems *problems)
{
	struct origin origin;
	enum origin_fault fault =
	    origin_read_entry(slice_from_text(entry->value), &origin);

	if (fault != ORIGIN_FINE) {
		problem_error(problems, entry->place, "origins: \"%s\": %s",
		              entry->value, origin_fault_text(fault));
		return;
	}
	switch (origin.kind) {
	case ORIGIN_ANY:
		review_any(config, route, entry, problems);
		break;
	case ORIGIN_OPAQUE:
		problem_warning(problems, entry->place,
		                "origins: \"null\" lets in every sandboxed "
		                "frame and every page from a file, and anybody "
		                "can make one");
		break;
	case ORIGIN_TUPLE:
		review_tuple(entry, &origin, problems);
		break;
	}
}

static bool is_open(const struct config_listener *listener)
{
	return !config_is_loopback(listener) &&
	       listener->tls.client_certificate !=
	           CONFIG_CLIENT_CERTIFICATE_REQUIRED;
}

/* Programs that give no Origin come in wherever the port can be reached. */
static void review_absent(const struct config *config,
                          const struct config_route *route,
                          struct problems *problems)
{
	for (size_t i = 0; i < config->listener_count; i++) {
		const struct config_listener *listener = &config->listeners[i];

		if (!is_open(listener))
			continue;
		problem_warning(problems, route->place,
		                "absent: \"allow\" lets in every program that "
		                "can reach %s:%u",
		                listener->address.value, listener->port);
		return;
	}
}

void review_origin_route(const struct config *config,
                         const struct config_route *route,
                         struct problems *problems)
{
	if (route->absent == CONFIG_ABSENT_ALLOW)
		review_absent(config, route, problems);
	for (size_t i = 0; i < route->origins.count; i++) {
		const struct config_text *entry = &route->origins.list[i];

		if (strcmp(entry->value, POLICY_SELF) == 0)
			review_self(config, entry, problems);
		else
			review_entry(config, route, entry, problems);
	}
}
