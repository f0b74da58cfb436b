/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a rule of an ACL is about: its filter, with the values of one subject
 * in the place of the variables.
 *
 * The rule was taken apart before, and a value that could be more than a
 * piece of one level is never put in: it cannot widen a rule. Knows neither
 * the effect of a rule nor its rights.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

struct acl_subject;
struct rule;

#define PATTERN_KEYS 8 /* levels that are told apart at a glance */

/*
 * Levels of a topic or filter, for a first look: what differs here differs,
 * what does not may differ all the same.
 */
struct pattern_levels {
	size_t count; /* of a filter, without the `#` at its end */
	uint32_t key[PATTERN_KEYS]; /* of a filter 0: any level may be here */
};

struct pattern {
	struct slice filter; /* empty: void, it is about nothing */
	struct slice group;  /* of a shared one, maybe `+`; else empty */
	bool is_open;        /* the filter ends in `#` */
	struct pattern_levels levels;
	size_t fixed; /* levels before the first wildcard, among the keys */
};

/* A topic, to be held against many patterns. */
struct pattern_topic {
	struct slice text; /* borrowed */
	struct pattern_levels levels;
};

/* Where the texts of patterns go; `data` NULL: they are only measured. */
struct pattern_text {
	uint8_t *data;
	size_t len;
};

/* Of a rule without variables; borrows its text. */
void pattern_init(struct pattern *pattern, const struct rule *rule);

/*
 * Of any rule: adds its text to `text`, which is borrowed. Measured, the
 * text grows by the same length and the pattern is of no use.
 */
void pattern_bind(struct pattern *pattern, const struct rule *rule,
                  const struct acl_subject *subject, struct pattern_text *text);

void pattern_topic_init(struct pattern_topic *topic, struct slice text);

/* Whether it is about `topic`, which is valid; a group does not matter. */
bool pattern_matches(const struct pattern *pattern,
                     const struct pattern_topic *topic);
