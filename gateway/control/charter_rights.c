/* SPDX-License-Identifier: Apache-2.0 */
#include <stdbool.h>
#include <string.h>

#include "config/config.h"
#include "control/charter.h"
#include "policy/rule.h"

enum right {
	RIGHT_SUBSCRIBE = 0,
	RIGHT_PUBLISH,
	RIGHT_RETAIN,
};

/* The rules of one sort in an ACL. */
struct sort {
	const struct config_texts *rules;
	enum right right;
	bool is_deny;
};

static bool has_right(const struct rule *rule, enum right right)
{
	switch (right) {
	case RIGHT_SUBSCRIBE:
		return rule->is_sub;
	case RIGHT_PUBLISH:
		return rule->is_pub;
	case RIGHT_RETAIN:
		return rule->is_retain;
	}
	return false;
}

/* Behind the second blank: it may have blanks of its own. */
static const char *pattern_in(const char *text)
{
	return strchr(strchr(text, ' ') + 1, ' ') + 1;
}

/* The pattern of rule `index`; NULL: it is of another sort. */
static const char *pattern_of(const struct sort *sort, size_t index)
{
	const char *text = sort->rules->list[index].value;
	struct rule rule;

	if (rule_read(slice_from_text(text), &rule) != RULE_FINE ||
	    rule.is_deny != sort->is_deny || !has_right(&rule, sort->right))
		return NULL;
	return pattern_in(text);
}

static size_t count_of(const struct sort *sort)
{
	size_t count = 0;

	for (size_t i = 0; i < sort->rules->count; i++)
		count += pattern_of(sort, i) != NULL;
	return count;
}

static void write_patterns(FILE *out, const struct sort *sort, const char *last)
{
	size_t count = count_of(sort);
	size_t written = 0;

	for (size_t i = 0; i < sort->rules->count; i++) {
		const char *pattern = pattern_of(sort, i);

		if (pattern)
			fprintf(out, "%s%s",
			        charter_separator(written++, count, last),
			        pattern);
	}
}

/* `may` what is allowed, or `may_not` when nothing is. */
static bool write_right(FILE *out, const struct config_texts *rules,
                        enum right right, const char *may, const char *may_not)
{
	struct sort allowed = { rules, right, false };
	struct sort denied = { rules, right, true };

	if (count_of(&allowed) == 0) {
		fputs(may_not, out);
		return false;
	}
	fputs(may, out);
	write_patterns(out, &allowed, " and ");
	if (count_of(&denied) > 0) {
		fputs(", but not ", out);
		write_patterns(out, &denied, " or ");
	}
	return true;
}

static void write_rules(FILE *out, const struct config_texts *rules,
                        bool is_read_only)
{
	write_right(out, rules, RIGHT_SUBSCRIBE, " They may subscribe to ",
	            " They may subscribe to nothing");
	if (is_read_only)
		fputs("; they may publish nothing", out);
	else if (write_right(out, rules, RIGHT_PUBLISH,
	                     "; they may publish to ",
	                     "; they may publish nothing"))
		write_right(out, rules, RIGHT_RETAIN,
		            "; they may leave retained messages on ",
		            "; they may leave no retained messages");
	fputs("; nothing else. What the broker delivers to them is judged by "
	      "the same rules.",
	      out);
}

static bool is_any_allowed(const struct config_texts *rules)
{
	for (size_t i = 0; i < rules->count; i++) {
		if (strncmp(rules->list[i].value, "allow ", 6) == 0)
			return true;
	}
	return false;
}

static void explain(FILE *out, const struct config_texts *rules,
                    const char *variable, const char *meaning)
{
	for (size_t i = 0; i < rules->count; i++) {
		if (!strstr(rules->list[i].value, variable))
			continue;
		fprintf(out, " %s", meaning);
		return;
	}
}

static void explain_variables(FILE *out, const struct config_texts *rules)
{
	explain(out, rules, "${user}",
	        "${user} is the user name that a client is logged in with, or "
	        "the subject of its certificate.");
	explain(out, rules, "${client}",
	        "${client} is its client id at the broker.");
	explain(out, rules, "${claim.",
	        "${claim.NAME} is what its token says.");
}

void charter_write_rights(FILE *out, const struct config_acl *acl,
                          const struct config_route *route)
{
	if (!acl && route->read_only)
		fputs(" They may subscribe to whatever the broker lets them, "
		      "and publish nothing.",
		      out);
	else if (!acl)
		fputs(" They may publish and subscribe to whatever the broker "
		      "lets them: there are no rules.",
		      out);
	else if (!is_any_allowed(&acl->rules))
		fputs(" They may neither subscribe nor publish: no rule "
		      "allows anything.",
		      out);
	else
		write_rules(out, &acl->rules, route->read_only);
	if (acl)
		explain_variables(out, &acl->rules);
}
