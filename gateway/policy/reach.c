/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/reach.h"

#include <stdlib.h>
#include <string.h>

#include "mqtt/topic.h"
#include "policy/variable.h"

static char *put(char *end, struct slice bytes)
{
	memcpy(end, bytes.data, bytes.len);
	return end + bytes.len;
}

static bool has_variable(struct slice level)
{
	struct variable_piece piece;

	while (variable_next(&level, &piece)) {
		if (piece.variable != VARIABLE_NONE)
			return true;
	}
	return false;
}

static char *put_levels(char *end, struct slice pattern)
{
	struct mqtt_topic_levels levels = mqtt_topic_levels(pattern);
	struct slice level;

	while (mqtt_topic_next(&levels, &level)) {
		if (has_variable(level))
			end = put(end, slice_from_text("+"));
		else if (level.len > 0)
			end = put(end, level);
		if (!levels.is_done)
			end = put(end, slice_from_text("/"));
	}
	return end;
}

/* Behind the second blank: a group is widened like any level. */
static struct slice take_head(struct slice *text)
{
	const uint8_t *first = memchr(text->data, ' ', text->len);
	size_t words = (size_t)(first - text->data) + 1;
	const uint8_t *second = memchr(first + 1, ' ', text->len - words);

	return slice_take(text, (size_t)(second - text->data) + 1);
}

/* Never longer than it was: a variable has more letters than a `+`. */
static char *widen(const struct rule *rule)
{
	struct slice pattern = rule->text;
	char *text = calloc(1, rule->text.len + 1);

	if (text != NULL)
		put_levels(put(text, take_head(&pattern)), pattern);
	return text;
}

static bool add_rule(struct config_acl *widened, const struct config_text *text)
{
	struct config_texts *rules = &widened->rules;
	struct rule rule;
	char *value;

	if (rule_read(slice_from_text(text->value), &rule) != RULE_FINE)
		return false;
	if (rule.is_deny && rule_has_variables(&rule))
		return true;
	value = widen(&rule);
	if (value == NULL)
		return false;
	rules->list[rules->count++].value = value;
	return true;
}

static bool add_rules(struct reach *reach, const struct config_texts *rules)
{
	reach->widened.rules.list =
	    calloc(rules->count + 1, sizeof(*rules->list));
	if (reach->widened.rules.list == NULL)
		return false;
	for (size_t i = 0; i < rules->count; i++) {
		if (!add_rule(&reach->widened, &rules->list[i]))
			return false;
	}
	return true;
}

bool reach_init(struct reach *reach, const struct config_acl *acl)
{
	static const struct acl_subject nobody;

	*reach = (struct reach){ .acl = NULL };
	if (add_rules(reach, &acl->rules))
		reach->acl = acl_create(&reach->widened);
	if (reach->acl != NULL &&
	    acl_grant_init(&reach->grant, reach->acl, &nobody))
		return true;
	reach_finish(reach);
	return false;
}

void reach_finish(struct reach *reach)
{
	struct config_texts *rules = &reach->widened.rules;

	acl_grant_finish(&reach->grant);
	acl_destroy(reach->acl);
	for (size_t i = 0; i < rules->count; i++)
		free(rules->list[i].value);
	free(rules->list);
}
