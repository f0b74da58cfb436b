/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/review_topic.h"

#include "config/config.h"
#include "mqtt/filter.h"
#include "mqtt/topic.h"

bool review_topic(const struct config_text *topic, const char *what,
                  struct problems *problems)
{
	struct slice name = slice_from_text(topic->value);

	if (mqtt_topic_is_name(name) && !mqtt_filter_is_share(name))
		return true;
	problem_error(problems, topic->place,
	              "%s: \"%.120s\" is no topic: +, # and $share are for "
	              "filters only, and it has at most %d levels, of UTF-8 "
	              "without control characters",
	              what, topic->value, MQTT_TOPIC_LEVELS);
	return false;
}
