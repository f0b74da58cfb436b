/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The page at /metrics, in the text format of Prometheus.
 */
#pragma once

#include "base/shared.h"
#include "config/config.h"

/* The whole page, which the caller frees; NULL: no memory. */
char *metrics_text(const struct shared *shared, const struct config *config);
