/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Topic names [MQTT3 4.7, MQTT5 4.7].
 */
#pragma once

#include <stdbool.h>

#include "base/slice.h"

#define MQTT_TOPIC_LEVELS 128 /* deepest topic let through */

/*
 * Whether `topic`, which is known to be MQTT-UTF-8, can be published to: not
 * empty, without wildcards, not too deep. Knows nothing of rights.
 */
bool mqtt_topic_is_name(struct slice topic);
