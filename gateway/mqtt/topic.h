/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Topic names, and the levels that topics and filters are made of
 * [MQTT3 4.7, MQTT5 4.7]. Knows nothing of rights.
 */
#pragma once

#include <stdbool.h>

#include "base/slice.h"

#define MQTT_TOPIC_BYTES 65535
#define MQTT_TOPIC_LEVELS 128 /* deepest topic let through */

/*
 * Whether `topic` can be published to: not empty, not too long, MQTT-UTF-8,
 * without wildcards, not too deep. Of ASCII it takes one pass.
 */
bool mqtt_topic_is_name(struct slice topic);

/* The levels of a topic or filter that are still to come. */
struct mqtt_topic_levels {
	struct slice rest;
	bool is_done;
};

/* All levels of `text`, which is borrowed; the empty text has one. */
struct mqtt_topic_levels mqtt_topic_levels(struct slice text);

/* Gives the next level, an empty one too; false: there is none left. */
bool mqtt_topic_next(struct mqtt_topic_levels *levels, struct slice *level);
