/* SPDX-License-Identifier: Apache-2.0 */
#include "commands/can_origin.h"

#include <stdio.h>
#include <string.h>

#include "commands/command.h"
#include "policy/policy.h"

static enum close_reason check(const struct policy_route *route,
                               size_t listener, struct slice origin)
{
	struct header header = { .presence = HEADER_ONE, .value = origin };

	return origin_list_check(&route->origins[listener],
	                         route->config->absent, false, &header);
}

static bool covers(struct origin entry, struct slice origin)
{
	struct origin_list one = { &entry, 1 };
	struct origin presented;

	return origin_read(origin, &presented) &&
	       origin_list_find(&one, &presented);
}

static bool is_own_name(const struct config_listener *listener,
                        struct slice origin)
{
	for (size_t i = 0; i < listener->public_urls.count; i++) {
		const char *url = listener->public_urls.list[i].value;
		struct origin name;

		if (origin_read_public(slice_from_text(url), &name) ==
		        ORIGIN_FINE &&
		    covers(name, origin))
			return true;
	}
	return false;
}

/* The entry that lets `origin` in. */
static const struct config_text *find_entry(const struct config_route *route,
                                            const struct config_listener *at,
                                            struct slice origin)
{
	for (size_t i = 0; i < route->origins.count; i++) {
		const struct config_text *text = &route->origins.list[i];
		struct slice entry = slice_from_text(text->value);
		struct origin read;

		if (slice_is(entry, POLICY_SELF)) {
			if (is_own_name(at, origin))
				return text;
		} else if (origin_read_entry(entry, &read) == ORIGIN_FINE &&
		           covers(read, origin)) {
			return text;
		}
	}
	return NULL;
}

static void say_allowed(const struct policy_route *route,
                        const struct config_listener *listener,
                        struct slice origin)
{
	const struct config_text *entry =
	    find_entry(route->config, listener, origin);

	printf("allowed");
	if (entry)
		command_print_entry(" by the entry", entry);
	printf("\n");
}

static void say_refused(const struct policy_route *route,
                        enum close_reason reason, struct slice origin)
{
	const char *word = close_answer(reason)->word;
	struct origin read;

	if (reason == CLOSE_ORIGIN_MALFORMED) {
		enum origin_fault fault = origin_read_entry(origin, &read);

		printf(
		    "refused (%s): it is no origin as browsers send it%s%s\n",
		    word, fault != ORIGIN_FINE ? ": " : "",
		    fault != ORIGIN_FINE ? origin_fault_text(fault) : "");
		return;
	}
	printf("refused (%s): no entry in the origins of route \"%s\" is like "
	       "it; \"%.*s\" would let it in\n",
	       word, route->config->path.value, (int)origin.len,
	       (const char *)origin.data);
}

static void say_listener(const struct config_listener *listener)
{
	if (listener->unix_path.value)
		printf("on %s: ", listener->unix_path.value);
	else
		printf("on %s port %u: ", listener->address.value,
		       listener->port);
}

static bool are_alike(const struct policy *policy,
                      const struct policy_route *route, struct slice origin)
{
	enum close_reason first = check(route, 0, origin);

	for (size_t i = 1; i < policy->listener_count; i++) {
		if (check(route, i, origin) != first)
			return false;
	}
	return true;
}

int can_origin(const struct policy *policy, const struct policy_route *route,
               struct slice origin)
{
	bool is_one = are_alike(policy, route, origin);
	int code = COMMAND_FAILED;

	for (size_t i = 0; i < (is_one ? 1 : policy->listener_count); i++) {
		const struct config_listener *at = policy->listeners[i].config;
		enum close_reason reason = check(route, i, origin);

		if (!is_one)
			say_listener(at);
		if (reason != CLOSE_NONE) {
			say_refused(route, reason, origin);
			continue;
		}
		say_allowed(route, at, origin);
		code = COMMAND_OK;
	}
	return code;
}
