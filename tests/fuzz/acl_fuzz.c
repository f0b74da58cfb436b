/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Law: an ACL judges as a slow reference does that cuts everything into
 * levels, fills in the variables there, and goes by the tables of the
 * specification.
 *
 * The input is lines: user, client id, claim `c`, and the text in question,
 * a topic or filter. Then rules: an octet whose low bits are deny, pub, sub
 * and retain, and a pattern. One without any right is read as it stands, to
 * see that the reader takes anything.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/slice.h"
#include "config/config.h"
#include "mqtt/filter.h"
#include "mqtt/topic.h"
#include "mqtt/utf8.h"
#include "policy/acl.h"
#include "policy/rule.h"

#include "path.h"

#define LINES_MAX 24
#define RULES_MAX 20
#define INPUT_MAX 4096
#define RULE_BYTES (INPUT_MAX + 64)
#define VALUE_MAX 256
#define VARIABLES_MAX 2 /* in one level */

enum line {
	LINE_USER,
	LINE_CLIENT,
	LINE_CLAIM,
	LINE_QUESTION,
	LINE_RULES
};

enum flag {
	FLAG_DENY = 1,
	FLAG_PUB = 2,
	FLAG_SUB = 4,
	FLAG_RETAIN = 8,
	FLAG_RIGHTS = 14
};

struct input {
	struct slice line[LINES_MAX]; /* missing ones are empty */
	size_t count;
};

struct plain_rule {
	unsigned flags;
	bool is_void;
	bool is_shared;
	char group[PATH_FILLED_BYTES];
	struct path filter;
};

/* Too large for the stack; made anew for each input. */
static struct plain_rule rules[RULES_MAX];

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_value(struct slice value)
{
	for (size_t i = 0; i < value.len; i++) {
		if (value.data[i] == '/' || value.data[i] == '+' ||
		    value.data[i] == '#' || value.data[i] == '$')
			return false;
	}
	return value.len >= 1 && value.len <= VALUE_MAX &&
	       mqtt_utf8_is_string(value);
}

static struct slice find_value(const char *name, const struct input *input)
{
	if (path_is(name, "user"))
		return input->line[LINE_USER];
	if (path_is(name, "client"))
		return input->line[LINE_CLIENT];
	if (path_is(name, "claim.c"))
		return input->line[LINE_CLAIM];
	return (struct slice){ NULL, 0 };
}

/* Puts the values into one level; false: one of them is of no use. */
static bool fill_level(char *level, const struct input *input)
{
	char copy[PATH_FILLED_BYTES];
	char *rest = copy;
	char *start;
	int len = 0;

	memcpy(copy, level, strlen(level) + 1);
	level[0] = '\0';
	while ((start = strstr(rest, "${")) != NULL) {
		char *end = strchr(start, '}');
		struct slice value;

		*start = *end = '\0';
		value = find_value(start + 2, input);
		if (!is_value(value))
			return false;
		len += snprintf(level + len, PATH_FILLED_BYTES - (size_t)len,
		                "%s%.*s", rest, (int)value.len,
		                (const char *)value.data);
		rest = end + 1;
	}
	len +=
	    snprintf(level + len, PATH_FILLED_BYTES - (size_t)len, "%s", rest);
	path_expect(len < PATH_FILLED_BYTES);
	return true;
}

static void fill(struct plain_rule *rule, char *level,
                 const struct input *input)
{
	if (fill_level(level, input))
		return;
	if (rule->flags & FLAG_DENY)
		memcpy(level, "+", 2);
	else
		rule->is_void = true;
}

static bool is_fillable(const struct path *path)
{
	for (size_t i = 0; i < path->count; i++) {
		const char *at = path->level[i];
		size_t count = 0;

		while ((at = strstr(at, "${")) != NULL) {
			at++;
			count++;
		}
		if (count > VARIABLES_MAX)
			return false;
	}
	return true;
}

/* A good rule once more, cut; false: it is too large for that. */
static bool make_plain(struct plain_rule *rule, unsigned flags,
                       struct slice pattern, const struct input *input)
{
	if (!path_cut(&rule->filter, pattern) || !is_fillable(&rule->filter))
		return false;
	rule->flags = flags;
	rule->is_void = false;
	rule->is_shared = path_is(rule->filter.level[0], "$share");
	if (rule->is_shared) {
		memcpy(rule->group, rule->filter.level[1], sizeof(rule->group));
		path_drop(&rule->filter, 2);
		fill(rule, rule->group, input);
	}
	for (size_t i = 0; i < rule->filter.count; i++)
		fill(rule, rule->filter.level[i], input);
	return true;
}

static bool is_good_pattern(struct slice pattern, bool is_share_fine)
{
	static struct path path;

	if (pattern.len == 0 || !mqtt_utf8_is_string(pattern) ||
	    !path_cut(&path, pattern))
		return false;
	if (!path_is(path.level[0], "$share"))
		return path_is_filter(&path);
	if (!is_share_fine || path.count < 3 || path_is(path.level[1], "") ||
	    (strpbrk(path.level[1], "+#") && !path_is(path.level[1], "+")))
		return false;
	path_drop(&path, 2);
	return !path_is(path.level[0], "$share") && path_is_filter(&path) &&
	       (path.count > 1 || path.level[0][0] != '\0');
}

/* Patterns without a `${` or blank are judged by levels alone. */
static void check_reader(unsigned flags, struct slice pattern,
                         enum rule_fault fault)
{
	bool is_sub_alone = (flags & FLAG_RIGHTS) == FLAG_SUB;

	if (pattern.len >= PATH_LEVEL_BYTES || !pattern.data ||
	    memmem(pattern.data, pattern.len, "${", 2) ||
	    memchr(pattern.data, ' ', pattern.len))
		return;
	path_expect((fault == RULE_FINE) ==
	            is_good_pattern(pattern, is_sub_alone));
}

static struct slice write_rule(unsigned flags, struct slice pattern)
{
	char *text = malloc(RULE_BYTES);
	int len;

	path_expect(text != NULL);
	len = snprintf(text, RULE_BYTES, "%s %s%s%s%s%s ",
	               flags & FLAG_DENY ? "deny" : "allow",
	               flags & FLAG_PUB ? "pub" : "",
	               flags & FLAG_PUB && flags > 3 ? "," : "",
	               flags & FLAG_SUB ? "sub" : "",
	               flags & FLAG_SUB && flags > 7 ? "," : "",
	               flags & FLAG_RETAIN ? "retain" : "");
	if (pattern.len > 0)
		memcpy(text + len, pattern.data, pattern.len);
	text[(size_t)len + pattern.len] = '\0';
	return (struct slice){ (uint8_t *)text, (size_t)len + pattern.len };
}

/* Reads one line; true: it is a rule, now in `text` and `plain`. */
static bool read_line(struct slice line, const struct input *input,
                      struct config_text *text, struct plain_rule *plain)
{
	struct slice pattern = line;
	struct slice whole = line;
	enum rule_fault fault;
	struct rule rule;
	unsigned flags;

	if (line.len == 0)
		return false;
	flags = *slice_take(&pattern, 1).data & 15;
	if (!(flags & FLAG_RIGHTS))
		return rule_read(line, &rule) > RULE_FAULTS;
	whole = write_rule(flags, pattern);
	text->value = (char *)(uintptr_t)whole.data;
	fault = rule_read(whole, &rule);
	check_reader(flags, pattern, fault);
	if (fault == RULE_FINE && make_plain(plain, flags, pattern, input))
		return true;
	free(text->value);
	return false;
}

static bool slow_topic(size_t rule_count, const struct path *topic,
                       enum flag right)
{
	bool is_allowed = false;

	for (size_t i = 0; i < rule_count; i++) {
		const struct plain_rule *rule = &rules[i];
		bool is_deny = rule->flags & FLAG_DENY;

		if (!(rule->flags & right) || rule->is_void ||
		    !path_holds(&rule->filter, topic))
			continue;
		if (is_deny && !rule->is_shared)
			return false;
		is_allowed = is_allowed || !is_deny;
	}
	return is_allowed;
}

/* Level `i` of the normal form, NULL after the last. */
static const char *normal(const struct path *path, size_t i)
{
	bool is_short = path_is(path->level[path->count - 1], "#") &&
	                (path->count == 1 ||
	                 (path->count == 2 && path_is(path->level[0], "")));

	if (is_short && i + 1 == path->count)
		return "+";
	if (is_short && i == path->count)
		return "#";
	return i < path->count ? path->level[i] : NULL;
}

static bool slow_covers(const struct path *b, const struct path *a)
{
	if (a->level[0][0] == '$' && !path_is(b->level[0], a->level[0]))
		return false;
	for (size_t i = 0;; i++) {
		const char *want = normal(b, i);
		const char *has = normal(a, i);

		if (want == NULL)
			return has == NULL;
		if (path_is(want, "#"))
			return true;
		if (has == NULL || path_is(has, "#"))
			return false;
		if (!path_is(want, "+") && !path_is(want, has))
			return false;
	}
}

static bool slow_overlaps(const struct path *a, const struct path *b)
{
	if ((a->level[0][0] == '$' || b->level[0][0] == '$') &&
	    !path_is(a->level[0], b->level[0]))
		return false;
	for (size_t i = 0;; i++) {
		const char *one = normal(a, i);
		const char *other = normal(b, i);

		if ((one && path_is(one, "#")) ||
		    (other && path_is(other, "#")))
			return true;
		if (one == NULL || other == NULL)
			return one == other;
		if (!path_is(one, "+") && !path_is(other, "+") &&
		    !path_is(one, other))
			return false;
	}
}

/* `group` NULL: not shared. */
static bool slow_subscribe(size_t rule_count, const struct path *filter,
                           const char *group)
{
	bool is_allowed = false;

	for (size_t i = 0; i < rule_count; i++) {
		const struct plain_rule *rule = &rules[i];

		if (!(rule->flags & FLAG_SUB) || rule->is_void)
			continue;
		if (rule->flags & FLAG_DENY) {
			if ((group || !rule->is_shared) &&
			    slow_overlaps(&rule->filter, filter))
				return false;
			continue;
		}
		if (rule->is_shared != (group != NULL) ||
		    (group && !path_is(rule->group, "+") &&
		     !path_is(rule->group, group)))
			continue;
		is_allowed = is_allowed || slow_covers(&rule->filter, filter);
	}
	return is_allowed;
}

static void check_verdict(struct acl_verdict verdict, bool is_allowed)
{
	path_expect(verdict.is_allowed == is_allowed);
	path_expect(!is_allowed || verdict.rule != NULL);
	path_expect(verdict.rule == NULL ||
	            verdict.rule->is_deny == !is_allowed);
}

static void check_topic(const struct acl_grant *grant, size_t rule_count,
                        struct slice text, const struct path *topic)
{
	bool may_publish = slow_topic(rule_count, topic, FLAG_PUB);
	bool may_retain =
	    may_publish && slow_topic(rule_count, topic, FLAG_RETAIN);
	bool may_receive = slow_topic(rule_count, topic, FLAG_SUB);
	bool is_open = acl_receives_all(grant->acl);

	check_verdict(acl_may_publish(grant, text, false), may_publish);
	check_verdict(acl_may_publish(grant, text, true), may_retain);
	check_verdict(acl_may_receive(grant, text), may_receive);
	path_expect(may_receive || !is_open || topic->level[0][0] == '$');
	path_expect(!may_publish || !path_is(topic->level[0], "$share"));
}

static void check_question(const struct acl_grant *grant, size_t rule_count,
                           struct slice text)
{
	static struct path path;
	char name[PATH_FILLED_BYTES];
	char *group = NULL;
	struct slice share, filter;
	enum mqtt_filter kind = mqtt_filter_read(text, &share, &filter);

	if (kind == MQTT_FILTER_MALFORMED || !path_cut(&path, text))
		return;
	if (mqtt_topic_is_name(text))
		check_topic(grant, rule_count, text, &path);
	if (kind == MQTT_FILTER_SHARED) {
		group = memcpy(name, path.level[1], sizeof(name));
		path_drop(&path, 2);
	}
	check_verdict(acl_may_subscribe(grant, text),
	              slow_subscribe(rule_count, &path, group));
}

static void cut_lines(struct slice data, struct input *input)
{
	while (input->count < LINES_MAX) {
		const uint8_t *end = NULL;
		struct slice *line = &input->line[input->count++];

		if (data.len > 0)
			end = memchr(data.data, '\n', data.len);
		if (!end) {
			*line = data;
			return;
		}
		*line = slice_take(&data, (size_t)(end - data.data));
		(void)slice_take(&data, 1);
	}
}

static void judge(const struct config_acl *config, const struct input *input)
{
	struct acl_claim claim = { .name = slice_from_text("c"),
		                   .value = input->line[LINE_CLAIM] };
	struct acl_subject subject = { .user = input->line[LINE_USER],
		                       .client = input->line[LINE_CLIENT],
		                       .claims = &claim,
		                       .claim_count = 1 };
	struct acl *acl = acl_create(config);
	struct acl_grant grant;

	path_expect(acl && acl_grant_init(&grant, acl, &subject));
	check_question(&grant, config->rules.count, input->line[LINE_QUESTION]);
	acl_grant_finish(&grant);
	acl_destroy(acl);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct config_text texts[RULES_MAX];
	struct config_acl config = { .rules = { texts, 0 } };
	struct input input = { .count = 0 };
	size_t *count = &config.rules.count;

	if (size > INPUT_MAX)
		return 0;
	cut_lines((struct slice){ data, size }, &input);
	for (size_t i = LINE_RULES; i < input.count; i++) {
		if (read_line(input.line[i], &input, &texts[*count],
		              &rules[*count]))
			*count += 1;
	}
	judge(&config, &input);
	for (size_t i = 0; i < *count; i++)
		free(texts[i].value);
	return 0;
}
