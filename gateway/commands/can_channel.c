/* SPDX-License-Identifier: Apache-2.0 */
#include "commands/can_channel.h"

#include <stdio.h>

#include "commands/can_topic.h"
#include "mqtt/filter.h"

static bool is_in(struct slice topic, const char *text)
{
	struct slice group, filter;

	return mqtt_filter_split(slice_from_text(text), &group, &filter) !=
	           MQTT_FILTER_MALFORMED &&
	       mqtt_filter_matches(filter, topic);
}

/* The entry of `subscribe` that is the filter, or that the topic is in. */
static bool is_subscribed(const struct can_topic *can)
{
	const struct config_texts *texts = &can->route->config->subscribe;

	for (size_t i = 0; i < texts->count; i++) {
		const char *text = texts->list[i].value;

		if (can->question == CAN_SUBSCRIBE ? slice_is(can->topic, text)
		                                   : is_in(can->topic, text))
			return true;
	}
	return false;
}

static const char *find_fault(const struct can_topic *can)
{
	const struct config_text *publish = &can->route->config->publish;

	switch (can->question) {
	case CAN_RETAIN:
		return "never retains";
	case CAN_PUBLISH:
		if (!publish->value)
			return "has no publish";
		return slice_is(can->topic, publish->value)
		           ? NULL
		           : "publishes to another topic only";
	case CAN_SUBSCRIBE:
	case CAN_RECEIVE:
		break;
	}
	return is_subscribed(can) ? NULL : "does not subscribe to it";
}

bool can_channel(const struct can_topic *can)
{
	const struct config_route *route = can->route->config;
	const char *fault = NULL;

	if (route->kind == CONFIG_KIND_CHANNEL)
		fault = find_fault(can);
	if (fault)
		printf("refused: route \"%s\" is a channel, and %s\n",
		       route->path.value, fault);
	return fault == NULL;
}
