/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A message as it goes to, or comes from, a broker by a client of ours.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

struct message {
	struct slice topic;
	struct slice payload;
	struct slice properties; /* MQTT 5: a list as in mqtt/properties.h */
	uint8_t qos;
	bool is_retained;
};
