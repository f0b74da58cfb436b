/* SPDX-License-Identifier: Apache-2.0 */
#include "config/check_limit.h"

#include "config/config.h"

static void warn(struct config_place place, const char *where,
                 const char *setting, struct problems *problems)
{
	problem_warning(problems, place,
	                "only this machine, or a proxy on it, can reach %s: "
	                "all clients have one address there, and %s bounds "
	                "them all together",
	                where, setting);
}

void check_limit_listener(const struct config_listener *listener,
                          struct problems *problems)
{
	if (!config_is_loopback(listener))
		return;
	if (listener->handshakes_per_s_per_address != 0)
		warn(listener->place, "this listener",
		     "handshakes_per_s_per_address", problems);
	if (listener->connections_per_address != 0)
		warn(listener->place, "this listener",
		     "connections_per_address", problems);
}

void check_limit_route(const struct config *config,
                       const struct config_route *route,
                       struct problems *problems)
{
	if (route->limits.sessions_per_address == 0)
		return;
	for (size_t i = 0; i < config->listener_count; i++) {
		if (!config_is_loopback(&config->listeners[i]))
			return;
	}
	warn(route->place, "any listener", "sessions_per_address", problems);
}
