/* SPDX-License-Identifier: Apache-2.0 */
#include "process/snapshot.h"

#include <stdlib.h>

#include "config/check.h"
#include "process/footprint.h"
#include "tls/upstream.h"

/* What is missing without a problem is so for want of memory. */
static bool read_authorities(struct upstream *upstream,
                             struct config_upstream_tls *config,
                             struct problems *problems)
{
	if (!upstream_has_tls(upstream))
		return true;
	upstream->tls = tls_upstream_create(config, problems);
	if (upstream->tls)
		config->print = tls_upstream_print(upstream->tls);
	return upstream->tls || problems->errors > 0;
}

static bool read_upstreams(struct snapshot *snapshot, struct problems *problems)
{
	const struct config *config = snapshot->config;

	for (size_t i = 0; i < config->upstream_count; i++) {
		snapshot->upstreams[i] =
		    upstream_create(&config->upstreams[i], problems);
		if (!snapshot->upstreams[i] && problems->errors == 0)
			return false;
		if (snapshot->upstreams[i] &&
		    !read_authorities(snapshot->upstreams[i],
		                      &config->upstreams[i].tls, problems))
			return false;
	}
	return true;
}

static void destroy_upstream(struct upstream *upstream)
{
	if (upstream)
		tls_upstream_destroy(upstream->tls);
	upstream_destroy(upstream);
}

static bool read_certificates(struct snapshot *snapshot,
                              struct problems *problems)
{
	const struct config *config = snapshot->config;

	for (size_t i = 0; i < config->listener_count; i++) {
		const struct config_listener_tls *tls =
		    &config->listeners[i].tls;

		if (!tls->is_set || !tls->certificate.value || !tls->key.value)
			continue;
		snapshot->tls[i] = tls_listener_create(tls, problems);
		if (!snapshot->tls[i] && problems->errors == 0)
			return false;
	}
	return true;
}

static bool read_proxies(struct snapshot *snapshot, struct problems *problems)
{
	const struct config *config = snapshot->config;

	for (size_t i = 0; i < config->listener_count; i++) {
		snapshot->trusts[i] =
		    trust_create(&config->listeners[i], problems);
		if (!snapshot->trusts[i] && problems->errors == 0)
			return false;
	}
	return true;
}

static bool read_all(struct snapshot *snapshot, struct problems *problems)
{
	const struct config *config = snapshot->config;

	snapshot->upstreams =
	    calloc(config->upstream_count + 1, sizeof *snapshot->upstreams);
	snapshot->tls =
	    calloc(config->listener_count + 1, sizeof *snapshot->tls);
	snapshot->trusts =
	    calloc(config->listener_count + 1, sizeof *snapshot->trusts);
	if (!snapshot->upstreams || !snapshot->tls || !snapshot->trusts ||
	    !read_upstreams(snapshot, problems) ||
	    !read_certificates(snapshot, problems) ||
	    !read_proxies(snapshot, problems))
		return false;
	snapshot->policy = policy_create(config, problems);
	return snapshot->policy != NULL && problems->errors == 0 &&
	       fingerprint_init(&snapshot->print, config);
}

struct snapshot *snapshot_create(struct config *config,
                                 struct problems *problems)
{
	struct snapshot *snapshot = config ? calloc(1, sizeof *snapshot) : NULL;

	if (!snapshot) {
		config_unload(config);
		return NULL;
	}
	snapshot->config = config;
	config_check(config, problems);
	footprint_review(config, problems);
	if (read_all(snapshot, problems))
		return snapshot;
	snapshot_destroy(snapshot);
	return NULL;
}

void snapshot_destroy(struct snapshot *snapshot)
{
	if (!snapshot)
		return;
	fingerprint_finish(&snapshot->print);
	policy_destroy(snapshot->policy);
	for (size_t i = 0;
	     snapshot->upstreams && i < snapshot->config->upstream_count; i++)
		destroy_upstream(snapshot->upstreams[i]);
	for (size_t i = 0;
	     snapshot->tls && i < snapshot->config->listener_count; i++)
		tls_listener_destroy(snapshot->tls[i]);
	for (size_t i = 0;
	     snapshot->trusts && i < snapshot->config->listener_count; i++)
		trust_destroy(snapshot->trusts[i]);
	free(snapshot->upstreams);
	free(snapshot->tls);
	free(snapshot->trusts);
	config_unload(snapshot->config);
	free(snapshot);
}
