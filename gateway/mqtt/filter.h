/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Topic filters [MQTT3 4.7, MQTT5 4.7, 4.8.2]: what they match, and how two
 * of them lie to each other.
 *
 * A filter stands for a set of topics. `#` is the same set as `+/#`, and `/#`
 * as `/+/#`, for there is no empty topic. A topic that begins with `$` is
 * only in filters whose first level is that very text, so no wildcard ever
 * reaches what a broker keeps there. Octets are compared, never letters.
 * Pure; allocates nothing. Knows nothing of rights.
 */
#pragma once

#include <stdbool.h>

#include "base/slice.h"

enum mqtt_filter {
	MQTT_FILTER_PLAIN = 0,
	MQTT_FILTER_SHARED, /* `$share/GROUP/FILTER` */
	MQTT_FILTER_MALFORMED,
};

/*
 * Checks the filter of a SUBSCRIBE or UNSUBSCRIBE and takes it apart: the
 * group of a shared one, else empty, and the filter itself. Both point into
 * `text`, and are not touched when it is malformed. `$share` is understood
 * in every version of MQTT, because brokers do so.
 */
enum mqtt_filter mqtt_filter_read(struct slice text, struct slice *group,
                                  struct slice *filter);

/*
 * The same, but of what it hands out it only sees to it that both parts of a
 * shared one are there.
 */
enum mqtt_filter mqtt_filter_split(struct slice text, struct slice *group,
                                   struct slice *filter);

/* Whether its first level is `$share`, which no topic name may begin with. */
bool mqtt_filter_is_share(struct slice text);

/* Whether `topic` is in `filter`; both valid, the filter not shared. */
bool mqtt_filter_matches(struct slice filter, struct slice topic);

/*
 * Whether every topic of `inner` is one of `outer`, or whether some topic is
 * in both. Exact, for valid filters that are not shared.
 */
bool mqtt_filter_covers(struct slice outer, struct slice inner);
bool mqtt_filter_overlaps(struct slice one, struct slice other);
