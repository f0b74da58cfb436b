/* SPDX-License-Identifier: Apache-2.0 */
#include "process/enrolment.h"

#include <stddef.h>

#include "base/log.h"
#include "base/roll.h"

/* The names of a configuration, one by one. */
struct names {
	const struct config *config;
	size_t route;
	size_t upstream;
	size_t server; /* of that upstream */
};

static bool next_server(struct names *at, struct shared_name *name)
{
	while (at->upstream < at->config->upstream_count) {
		const struct config_upstream *upstream =
		    &at->config->upstreams[at->upstream];

		if (at->server < upstream->servers.count) {
			*name = (struct shared_name){
				.sort = SHARED_SERVERS,
				.text =
				    upstream->servers.list[at->server++].value,
				.scope = upstream->name.value,
			};
			return true;
		}
		at->upstream++;
		at->server = 0;
	}
	return false;
}

static bool next_name(struct names *at, struct shared_name *name)
{
	if (at->route == at->config->route_count)
		return next_server(at, name);
	*name = (struct shared_name){
		.sort = SHARED_ROUTES,
		.text = at->config->routes[at->route++].path.value,
	};
	return true;
}

static void release(struct shared *shared, const struct config *config,
                    size_t count)
{
	struct names at = { .config = config };
	struct shared_name name;

	for (size_t i = 0; i < count && next_name(&at, &name); i++)
		shared_release_name(shared, &name);
}

bool enrolment_hold(struct shared *shared, const struct config *config)
{
	struct names at = { .config = config };
	struct shared_name name;
	size_t held = 0;

	while (next_name(&at, &name)) {
		if (!shared_hold_name(shared, &name)) {
			log_error("too many routes or servers to be counted",
			          LOG_FIELDS(log_number("most", ROLL_NAMES)));
			release(shared, config, held);
			return false;
		}
		held++;
	}
	return true;
}

void enrolment_release(struct shared *shared, const struct config *config)
{
	release(shared, config, SIZE_MAX);
}
