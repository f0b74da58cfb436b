/* SPDX-License-Identifier: Apache-2.0 */
#include "mqtt/filter.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "mqtt/topic.h"
#include "mqtt/utf8.h"

#define SHARE "$share"

static bool is_level(struct slice level, char wildcard)
{
	return level.len == 1 && level.data[0] == (uint8_t)wildcard;
}

static bool has_wildcard(struct slice text)
{
	return text.len > 0 && (memchr(text.data, '+', text.len) ||
	                        memchr(text.data, '#', text.len));
}

static bool has_first_level(struct slice text, const char *level)
{
	struct mqtt_topic_levels levels = mqtt_topic_levels(text);
	struct slice first;

	return mqtt_topic_next(&levels, &first) && slice_is(first, level);
}

bool mqtt_filter_is_share(struct slice text)
{
	return text.len > 0 && text.data[0] == '$' &&
	       has_first_level(text, SHARE);
}

enum mqtt_filter mqtt_filter_split(struct slice text, struct slice *group,
                                   struct slice *filter)
{
	struct mqtt_topic_levels levels = mqtt_topic_levels(text);
	struct slice name;

	(void)mqtt_topic_next(&levels, &name);
	if (!slice_is(name, SHARE)) {
		*group = (struct slice){ NULL, 0 };
		*filter = text;
		return MQTT_FILTER_PLAIN;
	}
	if (!mqtt_topic_next(&levels, &name) || name.len == 0 ||
	    levels.rest.len == 0)
		return MQTT_FILTER_MALFORMED;
	*group = name;
	*filter = levels.rest;
	return MQTT_FILTER_SHARED;
}

/* Wildcards alone in their level, `#` only in the last, not too deep. */
static bool has_good_levels(struct slice text)
{
	struct mqtt_topic_levels levels = mqtt_topic_levels(text);
	struct slice level;
	size_t count = 0;

	while (mqtt_topic_next(&levels, &level)) {
		if (has_wildcard(level) && level.len > 1)
			return false;
		if (is_level(level, '#') && !levels.is_done)
			return false;
		count++;
	}
	return count <= MQTT_TOPIC_LEVELS;
}

enum mqtt_filter mqtt_filter_read(struct slice text, struct slice *group,
                                  struct slice *filter)
{
	struct slice share, inner;
	enum mqtt_filter kind;

	if (text.len == 0 || text.len > MQTT_TOPIC_BYTES ||
	    !mqtt_utf8_is_string(text) || !has_good_levels(text))
		return MQTT_FILTER_MALFORMED;
	kind = mqtt_filter_split(text, &share, &inner);
	if (kind == MQTT_FILTER_SHARED &&
	    (has_wildcard(share) || has_first_level(inner, SHARE)))
		kind = MQTT_FILTER_MALFORMED;
	if (kind != MQTT_FILTER_MALFORMED) {
		*group = share;
		*filter = inner;
	}
	return kind;
}

/* Whether the first level of `wild` is a wildcard, which reaches no `$`. */
static bool is_out_of_reach(struct slice wild, struct slice text)
{
	return wild.len > 0 && (wild.data[0] == '+' || wild.data[0] == '#') &&
	       text.len > 0 && text.data[0] == '$';
}

bool mqtt_filter_matches(struct slice filter, struct slice topic)
{
	size_t at = 0;

	if (is_out_of_reach(filter, topic))
		return false;
	for (size_t i = 0; i < filter.len; i++) {
		uint8_t octet = filter.data[i];

		if (octet == '#')
			return true;
		if (octet == '+') {
			while (at < topic.len && topic.data[at] != '/')
				at++;
			continue;
		}
		if (at == topic.len) /* `a/#` holds `a` as well */
			return filter.len - i == 2 && filter.data[i + 1] == '#';
		if (topic.data[at++] != octet)
			return false;
	}
	return at == topic.len;
}

static struct mqtt_topic_levels normal_levels(struct slice filter)
{
	if (slice_is(filter, "#"))
		filter = slice_from_text("+/#");
	else if (slice_is(filter, "/#"))
		filter = slice_from_text("/+/#");
	return mqtt_topic_levels(filter);
}

bool mqtt_filter_covers(struct slice outer, struct slice inner)
{
	struct mqtt_topic_levels wide = normal_levels(outer);
	struct mqtt_topic_levels narrow = normal_levels(inner);
	struct slice want, level;

	if (is_out_of_reach(outer, inner))
		return false;
	while (mqtt_topic_next(&wide, &want)) {
		bool has_level = mqtt_topic_next(&narrow, &level);

		if (is_level(want, '#'))
			return true;
		if (!has_level || is_level(level, '#'))
			return false;
		if (!is_level(want, '+') && !slice_equals(want, level))
			return false;
	}
	return narrow.is_done;
}

bool mqtt_filter_overlaps(struct slice one, struct slice other)
{
	struct mqtt_topic_levels ours = normal_levels(one);
	struct mqtt_topic_levels theirs = normal_levels(other);
	struct slice a, b;

	if (is_out_of_reach(one, other) || is_out_of_reach(other, one))
		return false;
	for (;;) {
		bool has_a = mqtt_topic_next(&ours, &a);
		bool has_b = mqtt_topic_next(&theirs, &b);

		if ((has_a && is_level(a, '#')) || (has_b && is_level(b, '#')))
			return true;
		if (!has_a || !has_b)
			return has_a == has_b;
		if (!is_level(a, '+') && !is_level(b, '+') &&
		    !slice_equals(a, b))
			return false;
	}
}
