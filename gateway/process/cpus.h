/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How many CPUs this process may use: affinity and cgroup quota (v2).
 */
#pragma once

#include <stddef.h>

#define CPUS_MOST 8 /* more workers than this are a wish, not a default */

/* At least 1, at most CPUS_MOST. */
size_t cpus_usable(void);
