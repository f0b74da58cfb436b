/* SPDX-License-Identifier: Apache-2.0 */
#include "config/check_upstream.h"

#include <string.h>

#include "config/config.h"

static bool has_server(const struct config_upstream *upstream,
                       const char *scheme)
{
	for (size_t i = 0; i < upstream->servers.count; i++) {
		const char *url = upstream->servers.list[i].value;

		if (url != NULL && strncmp(url, scheme, strlen(scheme)) == 0)
			return true;
	}
	return false;
}

static void check_pair(const struct config_upstream_tls *tls,
                       struct problems *problems)
{
	if (tls->certificate.value != NULL && tls->key.value == NULL)
		problem_error(problems, tls->certificate.place,
		              "this certificate wants its \"key\" beside it");
	if (tls->key.value != NULL && tls->certificate.value == NULL)
		problem_error(problems, tls->key.place,
		              "this key wants its \"certificate\" beside it");
}

void check_upstream(const struct config_upstream *upstream,
                    struct problems *problems)
{
	const struct config_upstream_tls *tls = &upstream->tls;

	if (!tls->is_set)
		return;
	check_pair(tls, problems);
	if (!has_server(upstream, "mqtts://"))
		problem_error(problems, tls->place,
		              "this tls group has no effect: no server of the "
		              "upstream is spoken to in TLS; write "
		              "mqtts://HOST[:PORT] for those that are");
}
