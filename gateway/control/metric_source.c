/* SPDX-License-Identifier: Apache-2.0 */
#include "control/metric_source.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>

#include "base/denial.h"
#include "base/latency.h"
#include "base/shared.h"
#include "control/metric.h"
#include "control/metrics.h"

#define BOUND_BYTES 24
#define US_PER_S 1000000

/* By word, or one without. */

static void put_word(const struct metric_page *page, int index, uint64_t value)
{
	const struct metric *metric = page->metric;

	if (metric->label)
		metric_put(
		    page,
		    METRIC_LABELS({ metric->label, metric->words[index] }),
		    value);
	else
		metric_put(page, NULL, value);
}

static int word_count(const struct metric *metric)
{
	int count = 1;

	while (metric->label && count < METRIC_WORDS && metric->words[count])
		count++;
	return count;
}

void metric_source_counter(const struct metric_page *page)
{
	for (int i = 0; i < word_count(page->metric); i++) {
		int number = page->metric->first + i;

		put_word(page, i,
		         shared_sum_counter(page->view->shared,
		                            (enum shared_counter)number));
	}
}

void metric_source_gauge(const struct metric_page *page)
{
	for (int i = 0; i < word_count(page->metric); i++) {
		int number = page->metric->first + i;

		put_word(page, i,
		         shared_sum_gauge(page->view->shared,
		                          (enum shared_gauge)number));
	}
}

void metric_source_deed(const struct metric_page *page)
{
	for (int i = 0; i < word_count(page->metric); i++) {
		int number = page->metric->first + i;

		put_word(
		    page, i,
		    shared_deeds(page->view->shared, (enum shared_deed)number));
	}
}

/* Each bucket has all below it in it, and the last one is the count. */
void metric_source_latency(const struct metric_page *page)
{
	const struct shared *shared = page->view->shared;
	int first = page->metric->first;
	uint64_t sum_us =
	    shared_sum_counter(shared, (enum shared_counter)(first - 1));
	uint64_t count = 0;

	for (int i = 0; i < LATENCY_BUCKETS; i++) {
		char bound[BOUND_BYTES] = "+Inf";

		if (i < LATENCY_BOUNDS)
			snprintf(bound, sizeof bound, "%g",
			         (double)latency_bound_us((size_t)i) /
			             US_PER_S);
		count += shared_sum_counter(shared,
		                            (enum shared_counter)(first + i));
		metric_put_bucket(page, bound, count);
	}
	metric_put_sum(page, sum_us);
	metric_put_count(page, count);
}

/* By reason. */

static void put_reasons(const struct metric_page *page,
                        enum shared_counter first,
                        bool (*is_one)(enum close_reason reason))
{
	for (int i = CLOSE_NONE + 1; i < CLOSE_REASONS; i++) {
		enum close_reason reason = (enum close_reason)i;
		enum shared_counter counter =
		    (enum shared_counter)((int)first + i);

		if (!is_one(reason))
			continue;
		metric_put(
		    page,
		    METRIC_LABELS({ "reason", close_answer(reason)->word }),
		    shared_sum_counter(page->view->shared, counter));
	}
}

void metric_source_refusals(const struct metric_page *page)
{
	put_reasons(page, SHARED_REFUSALS, close_refuses);
}

void metric_source_closes(const struct metric_page *page)
{
	put_reasons(page, SHARED_CLOSES, close_ends);
}

/* Of the whole program. */

void metric_source_build(const struct metric_page *page)
{
	metric_put(page, METRIC_LABELS({ "version", page->view->version }), 1);
}

void metric_source_start(const struct metric_page *page)
{
	metric_put(page, NULL, shared_began_s(page->view->shared));
}

void metric_source_workers(const struct metric_page *page)
{
	metric_put(page, NULL, shared_owners(page->view->shared));
}
