/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The page at /metrics, in the text format of Prometheus. What stands on it,
 * control/metric_list.c says.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/shared.h"
#include "config/config.h"

/* The certificate that a listener shows. */
struct metrics_certificate {
	const char *listener;
	uint64_t not_after_s; /* of the Unix clock */
};

/* What a page is read from; all borrowed. */
struct metrics_view {
	const struct shared *shared;
	const struct config *config;
	const char *version; /* of the program */
	const struct metrics_certificate *certificates;
	size_t certificate_count;
};

/* The whole page, which the caller frees; NULL: no memory. */
char *metrics_text(const struct metrics_view *view);
