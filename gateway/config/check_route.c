/* SPDX-License-Identifier: Apache-2.0 */
#include "config/check_route.h"

#include <stdbool.h>
#include <string.h>

#include "config/config.h"

#define LONGEST_SUBPROTOCOL 63

/* [RFC 7230 3.2.6] */
#define TOKEN_BYTES                                                            \
	"!#$%&'*+-.^_`|~0123456789"                                            \
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

/* Whether a `.` or `..` stands between slashes: lws would resolve it. */
static bool has_dot_segment(const char *path)
{
	const char *at = path;

	while ((at = strstr(at, "/.")) != NULL) {
		size_t dots = strspn(at + 1, ".");

		if (dots <= 2 && (at[1 + dots] == '/' || at[1 + dots] == '\0'))
			return true;
		at++;
	}
	return false;
}

static const char *find_fault(const char *path)
{
	const char *star = strchr(path, '*');

	if (path[0] != '/')
		return "does not begin with \"/\"";
	if (strpbrk(path, "?#%") != NULL)
		return "holds one of ?#%: write the path decoded, without a "
		       "query";
	if (star != NULL && (star[-1] != '/' || star[1] != '\0'))
		return "holds \"*\", which may only stand at the end as \"/*\"";
	if (strstr(path, "//") != NULL || has_dot_segment(path))
		return "holds \"//\", \"/./\" or \"/../\", which no request "
		       "keeps";
	return NULL;
}

static void check_path(const struct config *config, size_t index,
                       struct problems *problems)
{
	const struct config_text *path = &config->routes[index].path;
	const char *fault = find_fault(path->value);
	char before[PROBLEM_PLACE_BYTES];

	if (fault != NULL)
		problem_error(problems, path->place, "path \"%.60s\" %s",
		              path->value, fault);
	for (size_t i = 0; i < index; i++) {
		const struct config_text *other = &config->routes[i].path;

		if (other->value == NULL ||
		    strcmp(other->value, path->value) != 0)
			continue;
		problem_place(other->place, before, sizeof(before));
		problem_error(problems, path->place,
		              "path \"%.60s\" is already that of the route at "
		              "%s: one route for each path",
		              path->value, before);
		return;
	}
}

/* Whether each has its name: else the missing one may be the one meant. */
static bool all_acls_named(const struct config *config)
{
	for (size_t i = 0; i < config->acl_count; i++) {
		if (config->acls[i].name.value == NULL)
			return false;
	}
	return true;
}

static bool all_upstreams_named(const struct config *config)
{
	for (size_t i = 0; i < config->upstream_count; i++) {
		if (config->upstreams[i].name.value == NULL)
			return false;
	}
	return config->upstream_count > 0;
}

static void check_upstream(const struct config *config,
                           const struct config_route *route,
                           struct problems *problems)
{
	if (route->upstream.value != NULL && all_upstreams_named(config) &&
	    config_find_upstream(config, route) == NULL)
		problem_error(problems, route->upstream.place,
		              "no upstream is named \"%.60s\"",
		              route->upstream.value);
}

static void check_acl_name(const struct config *config,
                           const struct config_route *route,
                           struct problems *problems)
{
	if (route->acl.value != NULL && all_acls_named(config) &&
	    config_find_acl(config, route) == NULL)
		problem_error(problems, route->acl.place,
		              "no ACL is named \"%.60s\"", route->acl.value);
}

static void check_subprotocols(const struct config_route *route,
                               struct problems *problems)
{
	const struct config_texts *texts = &route->subprotocols;

	if (texts->count == 0 && route->kind != CONFIG_KIND_CHANNEL)
		problem_error(
		    problems, route->place,
		    "\"subprotocols\" of this route is empty, and only "
		    "kind = \"channel\" takes any: name some, or take "
		    "it out for the default");
	for (size_t i = 0; i < texts->count; i++) {
		const struct config_text *text = &texts->list[i];
		size_t len = strlen(text->value);

		if (len > LONGEST_SUBPROTOCOL ||
		    strspn(text->value, TOKEN_BYTES) != len)
			problem_error(problems, text->place,
			              "\"%.70s\" is no subprotocol: write up "
			              "to %d letters, digits or "
			              "!#$%%&'*+-.^_`|~",
			              text->value, LONGEST_SUBPROTOCOL);
	}
}

static void check_address_property(const struct config_route *route,
                                   struct problems *problems)
{
	if (route->address_property.value != NULL &&
	    route->kind != CONFIG_KIND_MQTT && route->mqtt_version < 5)
		problem_error(problems, route->address_property.place,
		              "address_property needs MQTT 5: write "
		              "mqtt_version = 5, or take it out");
}

void check_route(const struct config *config, size_t index,
                 struct problems *problems)
{
	const struct config_route *route = &config->routes[index];

	if (route->path.value != NULL)
		check_path(config, index, problems);
	check_upstream(config, route, problems);
	check_acl_name(config, route, problems);
	check_subprotocols(route, problems);
	check_address_property(route, problems);
	if (route->origins.count == 0 && route->absent != CONFIG_ABSENT_ALLOW)
		problem_warning(problems, route->place,
		                "this route refuses every browser: write the "
		                "origins of its pages, like origins = "
		                "[\"https://dash.example.com\"]");
}
