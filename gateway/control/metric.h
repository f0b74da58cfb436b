/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One metric: what it is called outside, what it means, and how its samples
 * come onto the page.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct metrics_view;
struct metric_page;

enum metric_type {
	METRIC_COUNTER = 0, /* never falls while the master lives */
	METRIC_GAUGE,
	METRIC_HISTOGRAM,
};

#define METRIC_WORDS 3

struct metric {
	const char *name;
	enum metric_type type;
	const char *help;
	void (*read)(const struct metric_page *page); /* metric_source.h */

	/* Where some of these look: a number of the shared area. With `label`
	   as many as there are words, each the value of one of them. */
	int first;
	const char *label;
	const char *words[METRIC_WORDS];
};

/* All of them: the one list. */
extern const struct metric metric_list[];
extern const size_t metric_count;

/* The page, while it is written. */
struct metric_page {
	FILE *out;
	const struct metrics_view *view;
	const struct metric *metric; /* the one at hand */
};

struct metric_label {
	const char *name; /* NULL ends a list of labels */
	const char *value;
};

#define METRIC_LABELS(...)                                                     \
	((const struct metric_label[]){ __VA_ARGS__, { NULL, NULL } })

/* What stands above the samples of the metric at hand. */
void metric_head(const struct metric_page *page);

/* A sample of it; `labels` is a METRIC_LABELS or NULL. */
void metric_put(const struct metric_page *page,
                const struct metric_label *labels, uint64_t value);

/* Those of a histogram; `bound` is its label `le`. */
void metric_put_bucket(const struct metric_page *page, const char *bound,
                       uint64_t value);
void metric_put_sum(const struct metric_page *page, uint64_t millionths);
void metric_put_count(const struct metric_page *page, uint64_t value);
