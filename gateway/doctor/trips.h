/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How long the doctor's messages take to come back. Pure.
 */
#pragma once

#include <stddef.h>

#define TRIPS 5 /* messages that are sent */

struct trips {
	double ms[TRIPS];
	size_t count;
};

/* One more than TRIPS is not kept. */
void trips_add(struct trips *trips, double ms);

/* Of one at least. */
double trips_median(const struct trips *trips);
