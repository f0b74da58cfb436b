/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/policy.h"

#include <stdlib.h>

#include "policy/acl.h"
#include "policy/review.h"

/* What review_config let pass can be read: only memory can be missing. */

static bool add_hosts(const struct config_texts *urls, struct host_list *out)
{
	for (size_t i = 0; i < urls->count; i++) {
		struct slice text = slice_from_text(urls->list[i].value);
		struct origin origin;

		if (origin_read_public(text, &origin) != ORIGIN_FINE ||
		    !host_list_add(out, &origin.host))
			return false;
	}
	return true;
}

static bool add_public_urls(const struct config_texts *urls,
                            struct origin_list *out)
{
	for (size_t i = 0; i < urls->count; i++) {
		struct slice text = slice_from_text(urls->list[i].value);
		struct origin origin;

		if (origin_read_public(text, &origin) != ORIGIN_FINE ||
		    !origin_list_add(out, &origin))
			return false;
	}
	return true;
}

static bool add_origins(const struct config_texts *entries,
                        const struct config_listener *listener,
                        struct origin_list *out)
{
	for (size_t i = 0; i < entries->count; i++) {
		struct slice text = slice_from_text(entries->list[i].value);
		struct origin origin;

		if (slice_is(text, POLICY_SELF)) {
			if (!add_public_urls(&listener->public_urls, out))
				return false;
		} else if (origin_read_entry(text, &origin) != ORIGIN_FINE ||
		           !origin_list_add(out, &origin)) {
			return false;
		}
	}
	return true;
}

static bool compile_listeners(struct policy *policy,
                              const struct config *config)
{
	policy->listeners =
	    calloc(config->listener_count, sizeof(*policy->listeners));
	if (!policy->listeners)
		return config->listener_count == 0;
	policy->listener_count = config->listener_count;
	for (size_t i = 0; i < config->listener_count; i++) {
		struct policy_listener *listener = &policy->listeners[i];

		listener->config = &config->listeners[i];
		if (!add_hosts(&listener->config->public_urls,
		               &listener->hosts))
			return false;
	}
	return true;
}

static bool compile_rights(const struct config *config,
                           struct policy_route *route)
{
	const struct config_acl *acl = config_find_acl(config, route->config);
	const char *client_id = route->config->client_id.value;

	route->upstream = config_find_upstream(config, route->config);
	if (client_id_read(slice_from_text(client_id), &route->client_id) !=
	    CLIENT_ID_FINE)
		return false;
	if (!hash_seed_init(&route->seed))
		return false;
	if (!acl)
		return true;
	route->acl = acl_create(acl);
	return route->acl != NULL;
}

static bool compile_origins(const struct policy *policy,
                            const struct config_route *config,
                            struct policy_route *route)
{
	route->origins =
	    calloc(policy->listener_count, sizeof(*route->origins));
	if (!route->origins)
		return policy->listener_count == 0;
	for (size_t i = 0; i < policy->listener_count; i++) {
		if (!add_origins(&config->origins, policy->listeners[i].config,
		                 &route->origins[i]))
			return false;
	}
	return true;
}

static bool compile_routes(struct policy *policy, const struct config *config)
{
	policy->routes = calloc(config->route_count, sizeof(*policy->routes));
	if (!policy->routes)
		return config->route_count == 0;
	policy->route_count = config->route_count;
	for (size_t i = 0; i < config->route_count; i++) {
		struct policy_route *route = &policy->routes[i];

		route->config = &config->routes[i];
		if (!compile_origins(policy, route->config, route) ||
		    !compile_rights(config, route))
			return false;
	}
	return true;
}

static struct policy *compile(const struct config *config)
{
	struct policy *policy = calloc(1, sizeof(*policy));

	if (policy && compile_listeners(policy, config) &&
	    compile_routes(policy, config))
		return policy;
	policy_destroy(policy);
	return NULL;
}

struct policy *policy_create(const struct config *config,
                             struct problems *problems)
{
	review_config(config, problems);
	return problems->errors > 0 ? NULL : compile(config);
}

static void finish_route(struct policy_route *route, size_t listener_count)
{
	acl_destroy(route->acl);
	if (!route->origins)
		return;
	for (size_t i = 0; i < listener_count; i++)
		origin_list_finish(&route->origins[i]);
	free(route->origins);
}

void policy_destroy(struct policy *policy)
{
	if (!policy)
		return;
	for (size_t i = 0; i < policy->route_count; i++)
		finish_route(&policy->routes[i], policy->listener_count);
	for (size_t i = 0; i < policy->listener_count; i++)
		host_list_finish(&policy->listeners[i].hosts);
	free(policy->routes);
	free(policy->listeners);
	free(policy);
}
