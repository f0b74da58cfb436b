/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/rule.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "mqtt/filter.h"
#include "mqtt/topic.h"
#include "mqtt/utf8.h"
#include "policy/variable.h"

static const char *const fault_texts[RULE_FAULTS] = {
	[RULE_FINE] = "nothing is wrong",
	[RULE_NO_WORD] = "a rule begins with allow or deny, as in "
	                 "\"allow sub factory/#\"",
	[RULE_UNKNOWN_RIGHT] = "unknown right: write pub, sub or retain, "
	                       "several with a comma and no blank between them",
	[RULE_NO_PATTERN] = "no topics: write them behind the rights, as in "
	                    "\"allow sub factory/#\"",
	[RULE_BLANK] = "a blank too many: one stands between two words, none "
	               "at the end",
	[RULE_OCTETS] = "holds what no topic may hold: a control character, "
	                "or octets that are no UTF-8",
	[RULE_UNCLOSED_VARIABLE] = "a variable without its closing brace: "
	                           "write it as in ${user}, within one level",
	[RULE_UNKNOWN_VARIABLE] = "unknown variable: there are ${user}, "
	                          "${client} and ${claim.NAME}",
	[RULE_VARIABLE_WILDCARD] = "a variable and a wildcard in one level: "
	                           "give each a level of its own",
	[RULE_VARIABLE_DOLLAR] = "a first level that begins with $ is written "
	                         "out in full, without a variable",
	[RULE_SHARE_RIGHT] = "$share goes with sub alone: nothing is "
	                     "published to a shared subscription",
	[RULE_SHARE_PARTS] = "write a shared subscription as "
	                     "$share/GROUP/FILTER, with a name or + for GROUP "
	                     "and no second $share",
	[RULE_BAD_FILTER] = "no topic filter: + and # stand alone in their "
	                    "level, # only at the end, and there are at most "
	                    "128 levels",
};

/* Takes what stands before `separator`, and the separator. */
static struct slice take_until(struct slice *rest, char separator)
{
	const uint8_t *end = NULL;
	struct slice word;

	if (rest->len > 0)
		end = memchr(rest->data, separator, rest->len);
	if (end == NULL)
		return slice_take(rest, rest->len);
	word = slice_take(rest, (size_t)(end - rest->data));
	(void)slice_take(rest, 1);
	return word;
}

static enum rule_fault read_word(struct slice word, struct rule *rule)
{
	rule->is_deny = slice_is(word, "deny");
	return rule->is_deny || slice_is(word, "allow") ? RULE_FINE
	                                                : RULE_NO_WORD;
}

static enum rule_fault read_rights(struct slice rights, struct rule *rule)
{
	bool has_more;

	do {
		size_t len = rights.len;
		struct slice right = take_until(&rights, ',');

		has_more = right.len < len;
		if (slice_is(right, "pub"))
			rule->is_pub = true;
		else if (slice_is(right, "sub"))
			rule->is_sub = true;
		else if (slice_is(right, "retain"))
			rule->is_retain = true;
		else
			return RULE_UNKNOWN_RIGHT;
	} while (has_more);
	return RULE_FINE;
}

static enum rule_fault note_variable(enum variable variable, struct rule *rule)
{
	switch (variable) {
	case VARIABLE_USER:
		rule->uses_user = true;
		return RULE_FINE;
	case VARIABLE_CLIENT:
		rule->uses_client = true;
		return RULE_FINE;
	case VARIABLE_CLAIM:
		rule->uses_claim = true;
		return RULE_FINE;
	case VARIABLE_UNCLOSED:
		return RULE_UNCLOSED_VARIABLE;
	case VARIABLE_NONE:
	case VARIABLE_SESSION:
	case VARIABLE_UNKNOWN:
		break;
	}
	return RULE_UNKNOWN_VARIABLE;
}

static enum rule_fault read_level(struct slice level, bool is_first,
                                  struct rule *rule)
{
	struct slice rest = level;
	struct variable_piece piece;
	bool is_dollar = false;

	while (variable_next(&rest, &piece)) {
		enum rule_fault fault;

		if (piece.variable == VARIABLE_NONE) {
			is_dollar |= piece.text.data == level.data &&
			             piece.text.data[0] == '$';
			continue;
		}
		fault = note_variable(piece.variable, rule);
		if (fault != RULE_FINE)
			return fault;
		if (memchr(level.data, '+', level.len) ||
		    memchr(level.data, '#', level.len))
			return RULE_VARIABLE_WILDCARD;
		if (is_first && is_dollar)
			return RULE_VARIABLE_DOLLAR;
	}
	return RULE_FINE;
}

static enum rule_fault read_levels(struct slice text, struct rule *rule)
{
	struct mqtt_topic_levels levels = mqtt_topic_levels(text);
	enum rule_fault fault = RULE_FINE;
	bool is_first = true;
	struct slice level;

	while (fault == RULE_FINE && mqtt_topic_next(&levels, &level)) {
		fault = read_level(level, is_first, rule);
		is_first = false;
	}
	return fault;
}

/* `${` and `}` are ordinary octets to the mqtt room. */
static enum rule_fault read_filter(struct slice filter)
{
	struct slice group, inner;

	switch (mqtt_filter_read(filter, &group, &inner)) {
	case MQTT_FILTER_PLAIN:
		return RULE_FINE;
	case MQTT_FILTER_SHARED:
		return RULE_SHARE_PARTS;
	case MQTT_FILTER_MALFORMED:
		break;
	}
	return RULE_BAD_FILTER;
}

static enum rule_fault read_group(const struct rule *rule)
{
	struct slice group = rule->group;

	if (rule->is_pub || rule->is_retain)
		return RULE_SHARE_RIGHT;
	if (memchr(group.data, '#', group.len) ||
	    (memchr(group.data, '+', group.len) && group.len > 1))
		return RULE_SHARE_PARTS;
	return RULE_FINE;
}

static enum rule_fault read_pattern(struct slice text, struct rule *rule)
{
	enum mqtt_filter kind;
	enum rule_fault fault;

	if (text.len == 0)
		return RULE_NO_PATTERN;
	if (text.data[0] == ' ' || text.data[text.len - 1] == ' ')
		return RULE_BLANK;
	if (!mqtt_utf8_is_string(text))
		return RULE_OCTETS;
	kind = mqtt_filter_split(text, &rule->group, &rule->filter);
	if (kind == MQTT_FILTER_MALFORMED)
		return rule->is_pub || rule->is_retain ? RULE_SHARE_RIGHT
		                                       : RULE_SHARE_PARTS;
	fault = read_level(rule->group, false, rule);
	if (fault == RULE_FINE)
		fault = read_levels(rule->filter, rule);
	if (fault == RULE_FINE && kind == MQTT_FILTER_SHARED)
		fault = read_group(rule);
	return fault == RULE_FINE ? read_filter(rule->filter) : fault;
}

enum rule_fault rule_read(struct slice text, struct rule *out)
{
	struct rule rule = { .text = text };
	struct slice rest = text;
	enum rule_fault fault;

	if (text.len > 0 && text.data[0] == ' ')
		return RULE_BLANK;
	fault = read_word(take_until(&rest, ' '), &rule);
	if (fault == RULE_FINE && rest.len == 0)
		fault = RULE_NO_PATTERN;
	if (fault == RULE_FINE && rest.data[0] == ' ')
		fault = RULE_BLANK;
	if (fault == RULE_FINE)
		fault = read_rights(take_until(&rest, ' '), &rule);
	if (fault == RULE_FINE)
		fault = read_pattern(rest, &rule);
	if (fault == RULE_FINE)
		*out = rule;
	return fault;
}

const char *rule_fault_text(enum rule_fault fault)
{
	assert(fault < RULE_FAULTS);
	return fault_texts[fault];
}

bool rule_has_variables(const struct rule *rule)
{
	return rule->uses_user || rule->uses_client || rule->uses_claim;
}

bool rule_names_control(const struct rule *rule)
{
	struct mqtt_topic_levels levels = mqtt_topic_levels(rule->filter);
	struct slice first;

	return mqtt_topic_next(&levels, &first) && slice_is(first, "$CONTROL");
}
