/* SPDX-License-Identifier: Apache-2.0 */
#include "control/readiness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const reach_words[] = {
	[SHARED_REACH_UNKNOWN] = "not looked at yet",
	[SHARED_REACH_UP] = "reachable",
	[SHARED_REACH_DOWN] = "not reachable",
};

char *readiness_alive(void)
{
	return strdup("alive\n");
}

/* Whether one of them at least is reachable. */
static bool print_servers(FILE *out, const struct shared *shared,
                          const struct config *config)
{
	bool is_any_up = false;

	for (size_t i = 0; i < config->upstream_count; i++) {
		const struct config_upstream *upstream = &config->upstreams[i];

		for (size_t k = 0; k < upstream->servers.count; k++) {
			const char *url = upstream->servers.list[k].value;
			enum shared_reach reach = shared_reach(
			    shared,
			    shared_server(shared, upstream->name.value, url));

			fprintf(out, "upstream %s %s: %s\n",
			        upstream->name.value, url, reach_words[reach]);
			is_any_up = is_any_up || reach == SHARED_REACH_UP;
		}
	}
	return is_any_up;
}

static bool print_all(FILE *out, const struct shared *shared,
                      const struct config *config)
{
	uint64_t accepting = shared_sum_gauge(shared, SHARED_IS_ACCEPTING);
	bool is_draining = shared_is_draining(shared);

	if (is_draining)
		fprintf(out, "draining\n");
	fprintf(out, "workers accepting: %llu\n",
	        (unsigned long long)accepting);
	return print_servers(out, shared, config) && accepting > 0 &&
	       !is_draining;
}

char *readiness_text(const struct shared *shared, const struct config *config,
                     unsigned *status)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return NULL;
	*status = print_all(out, shared, config) ? 200 : 503;
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}
