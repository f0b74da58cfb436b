/* SPDX-License-Identifier: Apache-2.0 */
#include "doctor/clock.h"

#include <limits.h>
#include <time.h>

uint64_t clock_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * CLOCK_S_US +
	       (uint64_t)now.tv_nsec / 1000u;
}

int clock_left_ms(uint64_t deadline_us)
{
	uint64_t now = clock_us();
	uint64_t left = 0;

	if (deadline_us > now)
		left = (deadline_us - now + CLOCK_MS_US - 1) / CLOCK_MS_US;
	return left > INT_MAX ? INT_MAX : (int)left;
}

double clock_ms_since(uint64_t start_us)
{
	return (double)(clock_us() - start_us) / CLOCK_MS_US;
}
