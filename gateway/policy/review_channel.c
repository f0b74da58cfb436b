/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/review_channel.h"

#include "mqtt/filter.h"
#include "mqtt/topic.h"
#include "policy/reach.h"
#include "policy/review_topic.h"
#include "policy/variable.h"

static bool is_filter(struct slice text)
{
	struct slice group, filter;

	return mqtt_filter_read(text, &group, &filter) != MQTT_FILTER_MALFORMED;
}

static void review_variables(const struct config_text *text,
                             struct problems *problems)
{
	struct slice rest = slice_from_text(text->value);
	struct variable_piece piece;

	while (variable_next(&rest, &piece)) {
		if (piece.variable == VARIABLE_NONE)
			continue;
		problem_warning(problems, text->place,
		                "\"%.120s\" is taken as it is: the topics of a "
		                "channel know no variables",
		                text->value);
		return;
	}
}

static void review_publish(const struct config_route *route,
                           const struct acl_grant *grant,
                           struct problems *problems)
{
	const struct config_text *publish = &route->publish;
	struct slice topic = slice_from_text(publish->value);

	review_variables(publish, problems);
	if (review_topic(publish, "publish", problems) && grant &&
	    !acl_may_publish(grant, topic, false).is_allowed)
		problem_warning(problems, publish->place,
		                "ACL \"%.60s\" never allows to publish to "
		                "\"%.120s\": the first message of a page ends "
		                "its session",
		                route->acl.value, publish->value);
}

static void review_subscribe(const struct config_route *route,
                             const struct config_text *subscribe,
                             const struct acl_grant *grant,
                             struct problems *problems)
{
	struct slice filter = slice_from_text(subscribe->value);

	review_variables(subscribe, problems);
	if (!is_filter(filter))
		problem_error(problems, subscribe->place,
		              "subscribe: \"%.120s\" is no topic filter: + and "
		              "# stand alone in their level, # only at the "
		              "end, and it has at most %d levels, of UTF-8 "
		              "without control characters",
		              subscribe->value, MQTT_TOPIC_LEVELS);
	else if (grant && !acl_may_subscribe(grant, filter).is_allowed)
		problem_warning(problems, subscribe->place,
		                "ACL \"%.60s\" never allows to subscribe to "
		                "\"%.120s\": every session ends at once",
		                route->acl.value, subscribe->value);
}

void review_channel(const struct config *config,
                    const struct config_route *route, struct problems *problems)
{
	const struct config_acl *acl = config_find_acl(config, route);
	const struct acl_grant *grant = NULL; /* its rights are not known */
	struct reach reach;

	if (route->kind != CONFIG_KIND_CHANNEL)
		return;
	if (acl && reach_init(&reach, acl))
		grant = &reach.grant;
	if (route->publish.value)
		review_publish(route, grant, problems);
	for (size_t i = 0; i < route->subscribe.count; i++)
		review_subscribe(route, &route->subscribe.list[i], grant,
		                 problems);
	if (grant)
		reach_finish(&reach);
}
