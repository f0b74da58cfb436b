/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/pattern.h"

#include <string.h>

#include "mqtt/filter.h"
#include "mqtt/topic.h"
#include "mqtt/utf8.h"
#include "policy/acl.h"
#include "policy/rule.h"
#include "policy/variable.h"

#define VALUE_BYTES 256 /* longest value of a variable */

/* A value with one of these could be more than a piece of a level. */
static const uint8_t unusable[] = { '/', '+', '#', '$' };

#define KEY_START 0x9e3779b9u /* an empty level is no missing one */

/* Mixes so little because it is done for each octet of each topic. */
static uint32_t add_octet(uint32_t key, uint8_t octet)
{
	return (key << 5 | key >> 27) ^ octet;
}

static void add_level(struct pattern_levels *levels, uint32_t key)
{
	if (levels->count < PATTERN_KEYS)
		levels->key[levels->count] = key;
	levels->count++;
}

static void look_at_filter(struct pattern *pattern)
{
	struct mqtt_topic_levels levels = mqtt_topic_levels(pattern->filter);
	struct slice level;

	while (mqtt_topic_next(&levels, &level)) {
		size_t index = pattern->levels.count;
		uint32_t key = KEY_START;

		pattern->is_open = slice_is(level, "#");
		if (pattern->is_open)
			break;
		for (size_t i = 0; i < level.len; i++)
			key = add_octet(key, level.data[i]);
		add_level(&pattern->levels, key);
		if (index >= PATTERN_KEYS)
			continue;
		if (slice_is(level, "+"))
			pattern->levels.key[index] = 0;
		else if (pattern->fixed == index)
			pattern->fixed++;
	}
}

void pattern_init(struct pattern *pattern, const struct rule *rule)
{
	*pattern =
	    (struct pattern){ .filter = rule->filter, .group = rule->group };
	look_at_filter(pattern);
}

static struct slice find_claim(const struct acl_subject *subject,
                               struct slice name)
{
	for (size_t i = 0; i < subject->claim_count; i++) {
		if (slice_equals(subject->claims[i].name, name))
			return subject->claims[i].value;
	}
	return (struct slice){ NULL, 0 };
}

static struct slice find_value(const struct acl_subject *subject,
                               const struct variable_piece *piece)
{
	switch (piece->variable) {
	case VARIABLE_USER:
		return subject->user;
	case VARIABLE_CLIENT:
		return subject->client;
	case VARIABLE_CLAIM:
		return find_claim(subject, piece->text);
	case VARIABLE_NONE:
	case VARIABLE_SESSION:
	case VARIABLE_UNKNOWN:
	case VARIABLE_UNCLOSED:
		break;
	}
	return (struct slice){ NULL, 0 };
}

static bool is_usable(struct slice value)
{
	if (value.len == 0 || value.len > VALUE_BYTES)
		return false;
	for (size_t i = 0; i < value.len; i++) {
		if (memchr(unusable, value.data[i], sizeof(unusable)))
			return false;
	}
	return mqtt_utf8_is_string(value);
}

static void put(struct pattern_text *text, struct slice bytes)
{
	if (text->data && bytes.len > 0)
		memcpy(text->data + text->len, bytes.data, bytes.len);
	text->len += bytes.len;
}

/* Whether each variable in `text` stands for something. */
static bool has_values(struct slice text, const struct acl_subject *subject)
{
	struct variable_piece piece;

	while (variable_next(&text, &piece)) {
		if (piece.variable != VARIABLE_NONE &&
		    !is_usable(find_value(subject, &piece)))
			return false;
	}
	return true;
}

static void put_level(struct pattern_text *text, struct slice level,
                      const struct acl_subject *subject)
{
	struct variable_piece piece;

	if (!has_values(level, subject)) {
		put(text, slice_from_text("+"));
		return;
	}
	while (variable_next(&level, &piece)) {
		if (piece.variable == VARIABLE_NONE)
			put(text, piece.text);
		else
			put(text, find_value(subject, &piece));
	}
}

static struct slice put_levels(struct pattern_text *text, struct slice from,
                               const struct acl_subject *subject)
{
	struct mqtt_topic_levels levels = mqtt_topic_levels(from);
	size_t start = text->len;
	struct slice level;

	while (mqtt_topic_next(&levels, &level)) {
		put_level(text, level, subject);
		if (!levels.is_done)
			put(text, slice_from_text("/"));
	}
	if (text->data == NULL)
		return (struct slice){ NULL, 0 };
	return (struct slice){ text->data + start, text->len - start };
}

void pattern_bind(struct pattern *pattern, const struct rule *rule,
                  const struct acl_subject *subject, struct pattern_text *text)
{
	*pattern = (struct pattern){ .is_open = false };
	if (!rule->is_deny && !(has_values(rule->filter, subject) &&
	                        has_values(rule->group, subject)))
		return;
	pattern->filter = put_levels(text, rule->filter, subject);
	pattern->group = put_levels(text, rule->group, subject);
	look_at_filter(pattern);
}

void pattern_topic_init(struct pattern_topic *topic, struct slice text)
{
	uint32_t key = KEY_START;

	*topic = (struct pattern_topic){ .text = text };
	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] == '/') {
			add_level(&topic->levels, key);
			key = KEY_START;
		} else {
			key = add_octet(key, text.data[i]);
		}
	}
	add_level(&topic->levels, key);
}

static bool differs(const struct pattern_levels *filter,
                    const struct pattern_levels *topic, size_t i)
{
	return filter->key[i] != 0 && filter->key[i] != topic->key[i];
}

/* The last fixed level first: rules often have the ones before in common. */
static bool may_match(const struct pattern *pattern,
                      const struct pattern_levels *topic)
{
	const struct pattern_levels *levels = &pattern->levels;
	size_t fixed = pattern->fixed;

	if (fixed > 0 && differs(levels, topic, fixed - 1))
		return false;
	if (pattern->is_open ? topic->count < levels->count
	                     : topic->count != levels->count)
		return false;
	for (size_t i = 0; i < PATTERN_KEYS && i < levels->count; i++) {
		if (differs(levels, topic, i))
			return false;
	}
	return true;
}

bool pattern_matches(const struct pattern *pattern,
                     const struct pattern_topic *topic)
{
	return may_match(pattern, &topic->levels) &&
	       mqtt_filter_matches(pattern->filter, topic->text);
}
