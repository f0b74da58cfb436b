/* SPDX-License-Identifier: Apache-2.0 */
#include "config/check.h"

#include <string.h>

#include "config/address.h"
#include "config/check_acl.h"
#include "config/check_channel.h"
#include "config/check_limit.h"
#include "config/check_listener.h"
#include "config/check_login.h"
#include "config/check_route.h"
#include "config/check_socket.h"
#include "config/check_upstream.h"
#include "config/config.h"

static void check_name(const struct config *config, size_t index,
                       struct problems *problems)
{
	const struct config_text *name = &config->upstreams[index].name;
	char before[PROBLEM_PLACE_BYTES];

	for (size_t i = 0; name->value != NULL && i < index; i++) {
		const struct config_text *other = &config->upstreams[i].name;

		if (other->value == NULL ||
		    strcmp(other->value, name->value) != 0)
			continue;
		problem_place(other->place, before, sizeof(before));
		problem_error(problems, name->place,
		              "the upstream at %s is named \"%s\" already",
		              before, name->value);
		return;
	}
}

static void check_admin_socket(const struct config *config,
                               struct problems *problems)
{
	const struct config_text *path = &config->admin.socket;

	check_socket_mode(&config->admin.mode, problems);
	if (path->value == NULL || *path->value == '\0')
		return;
	check_socket_path(path, problems);
	check_listener_unix_beside(config, config->listener_count, path,
	                           problems);
}

static void check_admin(const struct config *config, struct problems *problems)
{
	const struct config_text *listen = &config->admin.listen;
	struct address address;

	if (listen->value == NULL)
		return;
	if (!address_read_with_port(listen->value, &address)) {
		problem_error(problems, listen->place,
		              "\"%.60s\" is no numeric address with a port: "
		              "write one like \"127.0.0.1:9464\" or "
		              "\"[::1]:9464\"",
		              listen->value);
		return;
	}
	if (!address_is_loopback(&address))
		problem_warning(problems, listen->place,
		                "\"%s\" can be reached from other machines: "
		                "/metrics asks nobody for a password",
		                listen->value);
	check_listener_beside(config, config->listener_count, &address,
	                      listen->place, problems);
}

void config_check(const struct config *config, struct problems *problems)
{
	for (size_t i = 0; i < config->listener_count; i++) {
		check_listener(config, i, problems);
		check_limit_listener(&config->listeners[i], problems);
	}
	for (size_t i = 0; i < config->upstream_count; i++) {
		check_name(config, i, problems);
		check_login_upstream(&config->upstreams[i], problems);
		check_upstream(&config->upstreams[i], problems);
	}
	for (size_t i = 0; i < config->acl_count; i++)
		check_acl(config, i, problems);
	for (size_t i = 0; i < config->route_count; i++) {
		check_route(config, i, problems);
		check_channel(&config->routes[i], problems);
		check_login_route(config, &config->routes[i], problems);
		check_limit_route(config, &config->routes[i], problems);
	}
	check_admin(config, problems);
	check_admin_socket(config, problems);
}
