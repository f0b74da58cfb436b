/* SPDX-License-Identifier: Apache-2.0 */
#include "config/config.h"

#include <stdlib.h>
#include <string.h>

#include "config/address.h"
#include "config/memory.h"
#include "config/secret.h"

void config_unload(struct config *config)
{
	if (config == NULL)
		return;
	secret_wipe(config);
	memory_release(config);
	free(config);
}

const struct config_upstream *
config_find_upstream(const struct config *config,
                     const struct config_route *route)
{
	if (route->upstream.value == NULL)
		return NULL;
	for (size_t i = 0; i < config->upstream_count; i++) {
		const struct config_upstream *upstream = &config->upstreams[i];

		if (upstream->name.value != NULL &&
		    strcmp(upstream->name.value, route->upstream.value) == 0)
			return upstream;
	}
	return NULL;
}

const struct config_acl *config_find_acl(const struct config *config,
                                         const struct config_route *route)
{
	if (route->acl.value == NULL)
		return NULL;
	for (size_t i = 0; i < config->acl_count; i++) {
		const struct config_acl *acl = &config->acls[i];

		if (acl->name.value != NULL &&
		    strcmp(acl->name.value, route->acl.value) == 0)
			return acl;
	}
	return NULL;
}

bool config_is_loopback(const struct config_listener *listener)
{
	struct address address;

	if (listener->unix_path.value != NULL)
		return true;
	return listener->address.value != NULL &&
	       address_read(listener->address.value, &address) &&
	       address_is_loopback(&address);
}

bool config_asks_certificates(const struct config *config)
{
	for (size_t i = 0; i < config->listener_count; i++) {
		if (config->listeners[i].tls.client_certificate !=
		    CONFIG_CLIENT_CERTIFICATE_NONE)
			return true;
	}
	return false;
}

bool config_wants_certificates(const struct config *config)
{
	for (size_t i = 0; i < config->listener_count; i++) {
		if (config->listeners[i].tls.client_certificate !=
		    CONFIG_CLIENT_CERTIFICATE_REQUIRED)
			return false;
	}
	return config->listener_count > 0;
}
