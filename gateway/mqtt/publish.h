/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads the head of a PUBLISH: everything but the payload [MQTT3 3.3,
 * MQTT5 3.3]. Runs for every message, in both directions.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/attribute.h"
#include "base/slice.h"
#include "mqtt/fault.h"
#include "mqtt/protocol.h"

struct mqtt_publish {
	uint8_t qos;
	bool is_retained;
	bool is_duplicate;
	struct slice topic; /* empty: the one that `alias` stands for */
	uint16_t packet_id; /* 0 with QoS 0 */
	bool has_alias;     /* this and the rest: MQTT 5 */
	uint16_t alias;     /* never 0 when there is one */
	bool has_response_topic;
	struct slice response_topic;
	struct slice properties; /* without their length */
};

/*
 * Reads a head as the scanner hands it out, fixed header included. The slices
 * of `publish` point into it. On a fault `publish` is not touched. Whether an
 * alias is known, and who may use it, is the caller's to say.
 */
MUST_CHECK enum mqtt_fault mqtt_publish_read(struct slice head, uint8_t level,
                                             enum mqtt_sender sender,
                                             struct mqtt_publish *publish);
