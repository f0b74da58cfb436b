/* SPDX-License-Identifier: Apache-2.0 */
#include "base/latency.h"

#include <assert.h>

static const uint64_t bounds_us[LATENCY_BOUNDS] = {
	1000,   2500,   5000,    10000,   25000,   50000,    100000,
	250000, 500000, 1000000, 2500000, 5000000, 10000000,
};

uint64_t latency_bound_us(size_t index)
{
	assert(index < LATENCY_BOUNDS);
	return bounds_us[index];
}

size_t latency_bucket(uint64_t us)
{
	size_t index = 0;

	while (index < LATENCY_BOUNDS && us > bounds_us[index])
		index++;
	return index;
}
