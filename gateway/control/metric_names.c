/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Of control/metric_source.h: what goes by the names of a configuration.
 */
#include <stdbool.h>

#include "base/denial.h"
#include "base/roll.h"
#include "base/shared.h"
#include "config/kind.h"
#include "control/metric.h"
#include "control/metric_source.h"
#include "control/metrics.h"

#define NO_ROUTE "-" /* no path: that begins with a slash */

static size_t number_of(const struct metric_page *page,
                        const struct config_route *route)
{
	return shared_route(page->view->shared, route->path.value);
}

static void put_route(const struct metric_page *page,
                      const struct config_route *route, uint64_t value)
{
	metric_put(page,
	           METRIC_LABELS({ "route", route->path.value },
	                         { "kind", kind_words[route->kind] }),
	           value);
}

static uint64_t count_unnamed(const struct metric_page *page,
                              const bool *is_named)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < ROLL_NAMES; i++) {
		if (!is_named[i])
			sum += shared_sum_sessions(page->view->shared, i);
	}
	return sum;
}

/* Of routes that only older generations know, the sum: none is left out. */
void metric_source_sessions(const struct metric_page *page)
{
	const struct config *config = page->view->config;
	bool is_named[ROLL_NAMES] = { false };
	uint64_t unnamed;

	for (size_t i = 0; i < config->route_count; i++) {
		size_t number = number_of(page, &config->routes[i]);

		is_named[number] = true;
		put_route(page, &config->routes[i],
		          shared_sum_sessions(page->view->shared, number));
	}
	unnamed = count_unnamed(page, is_named);
	if (unnamed > 0)
		metric_put(
		    page,
		    METRIC_LABELS({ "route", NO_ROUTE }, { "kind", NO_ROUTE }),
		    unnamed);
}

void metric_source_opened(const struct metric_page *page)
{
	const struct config *config = page->view->config;

	for (size_t i = 0; i < config->route_count; i++) {
		const struct config_route *route = &config->routes[i];

		put_route(
		    page, route,
		    shared_opened(page->view->shared, number_of(page, route)));
	}
}

static void put_denials(const struct metric_page *page,
                        const struct config_route *route)
{
	size_t number = number_of(page, route);

	for (int i = 0; i < DENIALS; i++) {
		enum denial denial = (enum denial)i;

		metric_put(page,
		           METRIC_LABELS({ "op", denial_word(denial) },
		                         { "route", route->path.value }),
		           shared_denied(page->view->shared, number, denial));
	}
}

void metric_source_denied(const struct metric_page *page)
{
	const struct config *config = page->view->config;

	for (size_t i = 0; i < config->route_count; i++)
		put_denials(page, &config->routes[i]);
}

static void put_servers(const struct metric_page *page,
                        const struct config_upstream *upstream)
{
	const struct shared *shared = page->view->shared;
	const char *name = upstream->name.value;

	for (size_t i = 0; i < upstream->servers.count; i++) {
		const char *url = upstream->servers.list[i].value;
		size_t server = shared_server(shared, name, url);

		metric_put(
		    page,
		    METRIC_LABELS({ "upstream", name }, { "server", url }),
		    shared_reach(shared, server) == SHARED_REACH_UP);
	}
}

void metric_source_reachable(const struct metric_page *page)
{
	const struct config *config = page->view->config;

	for (size_t i = 0; i < config->upstream_count; i++)
		put_servers(page, &config->upstreams[i]);
}

void metric_source_not_after(const struct metric_page *page)
{
	const struct metrics_view *view = page->view;

	for (size_t i = 0; i < view->certificate_count; i++) {
		const struct metrics_certificate *one = &view->certificates[i];

		metric_put(page, METRIC_LABELS({ "listener", one->listener }),
		           one->not_after_s);
	}
}
