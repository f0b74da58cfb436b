/* SPDX-License-Identifier: Apache-2.0 */
#include "doctor/trips.h"

#include <assert.h>

void trips_add(struct trips *trips, double ms)
{
	size_t at = trips->count;

	if (at == TRIPS)
		return;
	while (at > 0 && trips->ms[at - 1] > ms) {
		trips->ms[at] = trips->ms[at - 1];
		at--;
	}
	trips->ms[at] = ms;
	trips->count++;
}

double trips_median(const struct trips *trips)
{
	assert(trips->count > 0);
	return trips->ms[trips->count / 2];
}
