/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where metrics come from: each of these puts all samples of the metric at
 * hand onto the page.
 */
#pragma once

struct metric_page;

/* `first` is an enum shared_counter, shared_gauge or shared_deed. */
void metric_source_counter(const struct metric_page *page);
void metric_source_gauge(const struct metric_page *page);
void metric_source_deed(const struct metric_page *page);

/* `first` is the first bucket of base/latency.h, behind the sum of all. */
void metric_source_latency(const struct metric_page *page);

/* By the word for the reason (base/close.h). */
void metric_source_refusals(const struct metric_page *page);
void metric_source_closes(const struct metric_page *page);

/* By route, and what is denied also by the right that was asked for. */
void metric_source_sessions(const struct metric_page *page);
void metric_source_opened(const struct metric_page *page);
void metric_source_denied(const struct metric_page *page);

/* By broker address. */
void metric_source_reachable(const struct metric_page *page);

/* By listener. */
void metric_source_not_after(const struct metric_page *page);

void metric_source_build(const struct metric_page *page);
void metric_source_start(const struct metric_page *page);
void metric_source_workers(const struct metric_page *page);
