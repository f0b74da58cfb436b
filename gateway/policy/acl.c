/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/acl.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "config/config.h"
#include "mqtt/filter.h"
#include "policy/pattern.h"

/* What a rule has a say in; bits of an entry. */
enum operation {
	OPERATION_PUBLISH = 1,
	OPERATION_RETAIN = 2,
	OPERATION_SUBSCRIBE = 4,
	OPERATION_SHARE = 8,
	OPERATION_RECEIVE = 16,
};

struct entry {
	struct pattern pattern; /* of a rule without variables */
	unsigned operations;
	bool is_bound; /* its pattern is the grant's, at `slot` */
	size_t slot;
	struct rule rule;
};

struct acl {
	size_t slots; /* rules with variables */
	size_t count;
	struct entry entries[]; /* every deny before every allow */
};

/* A shared deny has no say in delivery, which shows no group. */
static unsigned find_operations(const struct rule *rule)
{
	unsigned operations = 0;

	if (rule->is_pub)
		operations |= OPERATION_PUBLISH;
	if (rule->is_retain)
		operations |= OPERATION_RETAIN;
	if (!rule->is_sub)
		return operations;
	if (rule->group.len == 0)
		operations |= OPERATION_SUBSCRIBE;
	if (rule->group.len > 0 || rule->is_deny)
		operations |= OPERATION_SHARE;
	if (rule->group.len == 0 || !rule->is_deny)
		operations |= OPERATION_RECEIVE;
	return operations;
}

static void add_entry(struct acl *acl, const struct rule *rule)
{
	struct entry *entry = &acl->entries[acl->count++];

	entry->rule = *rule;
	entry->operations = find_operations(rule);
	entry->is_bound = rule_has_variables(rule);
	if (entry->is_bound) {
		entry->slot = acl->slots++;
		return;
	}
	pattern_init(&entry->pattern, rule);
}

static bool add_rules(struct acl *acl, const struct config_texts *rules,
                      bool is_deny)
{
	for (size_t i = 0; i < rules->count; i++) {
		struct slice text = slice_from_text(rules->list[i].value);
		struct rule rule;
		enum rule_fault fault = rule_read(text, &rule);

		assert(fault == RULE_FINE);
		if (fault != RULE_FINE)
			return false;
		if (rule.is_deny == is_deny)
			add_entry(acl, &rule);
	}
	return true;
}

struct acl *acl_create(const struct config_acl *config)
{
	const struct config_texts *rules = &config->rules;
	struct acl *acl =
	    calloc(1, sizeof(*acl) + rules->count * sizeof(acl->entries[0]));

	if (acl && add_rules(acl, rules, true) && add_rules(acl, rules, false))
		return acl;
	acl_destroy(acl);
	return NULL;
}

void acl_destroy(struct acl *acl)
{
	free(acl);
}

bool acl_receives_all(const struct acl *acl)
{
	bool is_all = false;

	for (size_t i = 0; i < acl->count; i++) {
		const struct rule *rule = &acl->entries[i].rule;

		if (!rule->is_sub)
			continue;
		if (rule->is_deny)
			return false;
		if (rule->group.len == 0 && (slice_is(rule->filter, "#") ||
		                             slice_is(rule->filter, "+/#")))
			is_all = true;
	}
	return is_all;
}

/* Into `bound`, or with `text->data` NULL to see how long the texts are. */
static void bind_rules(const struct acl *acl, const struct acl_subject *subject,
                       struct pattern *bound, struct pattern_text *text)
{
	for (size_t i = 0; i < acl->count; i++) {
		const struct entry *entry = &acl->entries[i];
		struct pattern pattern;

		if (!entry->is_bound)
			continue;
		pattern_bind(&pattern, &entry->rule, subject, text);
		if (bound)
			bound[entry->slot] = pattern;
	}
}

bool acl_grant_init(struct acl_grant *grant, const struct acl *acl,
                    const struct acl_subject *subject)
{
	size_t head = acl->slots * sizeof(*grant->bound);
	struct pattern_text text = { NULL, 0 };
	struct pattern *bound = NULL;

	if (acl->slots > 0) {
		bind_rules(acl, subject, NULL, &text);
		bound = malloc(head + text.len);
		if (bound == NULL)
			return false;
		text = (struct pattern_text){ (uint8_t *)bound + head, 0 };
		bind_rules(acl, subject, bound, &text);
	}
	*grant = (struct acl_grant){ .acl = acl, .bound = bound };
	return true;
}

void acl_grant_finish(struct acl_grant *grant)
{
	free(grant->bound);
	*grant = (struct acl_grant){ .acl = NULL };
}

static const struct pattern *find_pattern(const struct acl_grant *grant,
                                          const struct entry *entry)
{
	return entry->is_bound ? &grant->bound[entry->slot] : &entry->pattern;
}

static const struct acl_verdict none = { false, NULL };

static struct acl_verdict decided_by(const struct entry *entry)
{
	return (struct acl_verdict){ !entry->rule.is_deny, &entry->rule };
}

/* Denies come first, so the first rule that matches decides. */
static struct acl_verdict judge_topic(const struct acl_grant *grant,
                                      enum operation operation,
                                      struct slice text)
{
	const struct acl *acl = grant->acl;
	struct pattern_topic topic;

	if (text.len == 0)
		return none;
	pattern_topic_init(&topic, text);
	for (size_t i = 0; i < acl->count; i++) {
		const struct entry *entry = &acl->entries[i];

		if ((entry->operations & operation) &&
		    pattern_matches(find_pattern(grant, entry), &topic))
			return decided_by(entry);
	}
	return none;
}

struct acl_verdict acl_may_publish(const struct acl_grant *grant,
                                   struct slice topic, bool retain)
{
	struct acl_verdict verdict =
	    judge_topic(grant, OPERATION_PUBLISH, topic);

	if (verdict.is_allowed && retain)
		verdict = judge_topic(grant, OPERATION_RETAIN, topic);
	return verdict;
}

struct acl_verdict acl_may_receive(const struct acl_grant *grant,
                                   struct slice topic)
{
	return judge_topic(grant, OPERATION_RECEIVE, topic);
}

static bool is_for_group(struct slice wanted, struct slice group)
{
	return slice_is(wanted, "+") || slice_equals(wanted, group);
}

static bool entry_decides(const struct acl_grant *grant,
                          const struct entry *entry, struct slice group,
                          struct slice filter)
{
	const struct pattern *pattern = find_pattern(grant, entry);

	if (pattern->filter.len == 0)
		return false;
	if (entry->rule.is_deny)
		return mqtt_filter_overlaps(pattern->filter, filter);
	return is_for_group(pattern->group, group) &&
	       mqtt_filter_covers(pattern->filter, filter);
}

struct acl_verdict acl_may_subscribe(const struct acl_grant *grant,
                                     struct slice filter)
{
	const struct acl *acl = grant->acl;
	enum operation operation = OPERATION_SUBSCRIBE;
	struct slice group, inner;
	enum mqtt_filter kind = mqtt_filter_split(filter, &group, &inner);

	if (kind == MQTT_FILTER_MALFORMED)
		return none;
	if (kind == MQTT_FILTER_SHARED)
		operation = OPERATION_SHARE;
	for (size_t i = 0; i < acl->count; i++) {
		const struct entry *entry = &acl->entries[i];

		if ((entry->operations & operation) &&
		    entry_decides(grant, entry, group, inner))
			return decided_by(entry);
	}
	return none;
}
