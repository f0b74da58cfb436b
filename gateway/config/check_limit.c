/* SPDX-License-Identifier: Apache-2.0 */
#include "config/check_limit.h"

#include <stdbool.h>
#include <string.h>

#include "config/config.h"

#define UNIX_PROXY "unix" /* in trusted_proxies */

/* Of a Unix socket there is no address, of a loopback one only that. */
static const char *say_who_is_bound(const struct config_listener *listener)
{
	return listener->unix_path.value ? "nobody has an address there"
	                                 : "all clients have one address there";
}

static const char *say_whom_to_name(const struct config_listener *listener)
{
	return listener->unix_path.value ? "\"unix\"" : "that proxy";
}

static void warn(const struct config_listener *listener,
                 struct config_place place, const char *where,
                 const char *setting, struct problems *problems)
{
	problem_warning(problems, place,
	                "only this machine, or a proxy on it, can reach %s: "
	                "%s, and %s tells nobody apart; name %s in "
	                "trusted_proxies, and it holds for the clients behind "
	                "it",
	                where, say_who_is_bound(listener), setting,
	                say_whom_to_name(listener));
}

/* Whether proxies there may be trusted: other words never fit those who come.
 */
static bool trusts_proxies(const struct config_listener *listener)
{
	const struct config_texts *texts = &listener->trusted_proxies;
	bool is_unix = listener->unix_path.value != NULL;

	for (size_t i = 0; i < texts->count; i++) {
		if ((strcmp(texts->list[i].value, UNIX_PROXY) == 0) == is_unix)
			return true;
	}
	return false;
}

static bool sees_addresses(const struct config_listener *listener)
{
	return !config_is_loopback(listener) || trusts_proxies(listener);
}

void check_limit_listener(const struct config_listener *listener,
                          struct problems *problems)
{
	if (sees_addresses(listener))
		return;
	if (listener->handshakes_per_s_per_address != 0)
		warn(listener, listener->place, "this listener",
		     "handshakes_per_s_per_address", problems);
	if (listener->connections_per_address != 0)
		warn(listener, listener->place, "this listener",
		     "connections_per_address", problems);
}

void check_limit_route(const struct config *config,
                       const struct config_route *route,
                       struct problems *problems)
{
	if (route->limits.sessions_per_address == 0 ||
	    config->listener_count == 0)
		return;
	for (size_t i = 0; i < config->listener_count; i++) {
		if (sees_addresses(&config->listeners[i]))
			return;
	}
	warn(&config->listeners[0], route->place, "any listener",
	     "sessions_per_address", problems);
}
