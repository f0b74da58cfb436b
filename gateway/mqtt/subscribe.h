/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads SUBSCRIBE and UNSUBSCRIBE [MQTT3 3.8, 3.10; MQTT5 3.8, 3.10], which
 * only a client sends. Knows nothing of rights nor of how many filters are
 * too many.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attribute.h"
#include "base/slice.h"
#include "mqtt/fault.h"

struct mqtt_subscribe {
	uint16_t packet_id;
	struct slice properties; /* MQTT 5: without their length; else empty */
	struct slice list;       /* the entries, one after the other */
	size_t count;            /* of the entries, at least 1 */
};

struct mqtt_subscription {
	struct slice filter; /* as sent, `$share` included */
	uint8_t options;     /* mqtt/protocol.h: enum mqtt_option */
	struct slice whole;  /* the entry as it stands in the list */
};

/*
 * Read the whole packet, fixed header included, and check all of it. The
 * slices of `subscribe` point into `packet`. On a fault it is not touched.
 */
MUST_CHECK enum mqtt_fault
mqtt_subscribe_read(struct slice packet, uint8_t level,
                    struct mqtt_subscribe *subscribe);
MUST_CHECK enum mqtt_fault
mqtt_unsubscribe_read(struct slice packet, uint8_t level,
                      struct mqtt_subscribe *subscribe);

/*
 * Take the first entry off the list of a packet read before; false: there is
 * none left. Neither argument is touched then.
 */
MUST_CHECK bool mqtt_subscribe_next(struct slice *list,
                                    struct mqtt_subscription *subscription);
MUST_CHECK bool mqtt_unsubscribe_next(struct slice *list, struct slice *filter);
