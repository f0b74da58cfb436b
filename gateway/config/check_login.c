/* SPDX-License-Identifier: Apache-2.0 */
#include "config/check_login.h"

#include "config/config.h"

static void warn_unused(const struct config_text *text, const char *name,
                        struct problems *problems)
{
	if (text->value != NULL)
		problem_warning(problems, text->place,
		                "nothing uses this %s: clients bring their own "
		                "login as long as inject = true is missing",
		                name);
}

void check_login_upstream(const struct config_upstream *upstream,
                          struct problems *problems)
{
	if (!upstream->inject) {
		warn_unused(&upstream->username, "username", problems);
		warn_unused(&upstream->password_file, "password_file",
		            problems);
	} else if (upstream->username.value == NULL) {
		problem_error(problems, upstream->place,
		              "inject = true wants a \"username\" beside it: "
		              "before MQTT 5 there is no password without one");
	}
}

static void refuse_open(const struct config_route *route,
                        struct problems *problems)
{
	const char *wish = "anonymous = true and acl = \"NAME\" on the route, "
	                   "with an ACL of what they may do";

	if (route->acl.value != NULL)
		wish = "anonymous = true on the route";
	else if (route->anonymous)
		wish = "acl = \"NAME\" on the route, with an ACL of what they "
		       "may do";
	problem_error(problems, route->place,
	              "route \"%.60s\" leads to upstream \"%.60s\", which has "
	              "inject = true: anyone who can reach this port gets this "
	              "login; if that is meant, write %s",
	              route->path.value != NULL ? route->path.value : "",
	              route->upstream.value, wish);
}

void check_login_route(const struct config *config,
                       const struct config_route *route,
                       struct problems *problems)
{
	const struct config_upstream *upstream =
	    config_find_upstream(config, route);

	if (upstream == NULL)
		return;
	if (upstream->inject && !config_wants_certificates(config) &&
	    (!route->anonymous || route->acl.value == NULL))
		refuse_open(route, problems);
	if (!upstream->inject && route->anonymous)
		problem_warning(problems, route->place,
		                "anonymous = true has no effect: upstream "
		                "\"%.60s\" has no inject = true, so clients "
		                "bring their own login",
		                route->upstream.value);
}
