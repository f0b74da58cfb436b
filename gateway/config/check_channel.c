/* SPDX-License-Identifier: Apache-2.0 */
#include "config/check_channel.h"

#include <string.h>

#include "config/config.h"

#define WRAP_MESSAGE "message"
#define FILTERS_MOST 64 /* as judged: policy/judge_browser.c */

static void check_ends(const struct config_route *route,
                       struct problems *problems)
{
	const struct config_text *publish = &route->publish;

	if (publish->value == NULL && route->subscribe.count == 0)
		problem_error(problems, route->place,
		              "this channel leads nowhere: write publish = "
		              "\"TOPIC\", subscribe = [\"FILTER\"], or both");
	if (publish->value != NULL && route->read_only)
		problem_error(problems, publish->place,
		              "publish = \"%.60s\" and read_only = true, "
		              "which lets nobody publish: drop one of them",
		              publish->value);
}

static void check_count(const struct config_route *route,
                        struct problems *problems)
{
	size_t count = route->subscribe.count;
	uint32_t most = route->limits.subscriptions;

	if (most != 0 && count > most)
		problem_error(problems, route->place,
		              "this channel subscribes to %zu filters, and "
		              "limits.subscriptions is %u: raise it, or drop "
		              "some",
		              count, most);
	if (count > FILTERS_MOST)
		problem_error(problems, route->place,
		              "this channel subscribes to %zu filters, and %d "
		              "go into one SUBSCRIBE: drop some",
		              count, FILTERS_MOST);
}

static void check_wrap(const struct config_text *wrap,
                       struct problems *problems)
{
	if (wrap->value[0] != '\0' && strcmp(wrap->value, WRAP_MESSAGE) != 0)
		problem_error(problems, wrap->place,
		              "\"wrap\" wants \"\" or \"" WRAP_MESSAGE
		              "\", not \"%.40s\"",
		              wrap->value);
}

void check_channel(const struct config_route *route, struct problems *problems)
{
	if (route->kind != CONFIG_KIND_CHANNEL)
		return;
	check_ends(route, problems);
	check_count(route, problems);
	check_wrap(&route->wrap, problems);
}
