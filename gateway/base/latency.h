/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How long something took, sorted into a few buckets: 1 ms to 10 s, and above.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum {
	LATENCY_BOUNDS = 13,
	LATENCY_BUCKETS, /* the last one is above all bounds */
};

/* The most that belongs into bucket `index`, below LATENCY_BOUNDS. */
uint64_t latency_bound_us(size_t index);

/* The bucket that `us` belongs into. */
size_t latency_bucket(uint64_t us);
