/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The time that steps take, and the time they may take.
 */
#pragma once

#include <stdint.h>

#define CLOCK_MS_US 1000u
#define CLOCK_S_US 1000000u

/* Microseconds, of a clock that never goes back. */
uint64_t clock_us(void);

/* What is left until `deadline_us`, for poll: rounded up; 0: it is past. */
int clock_left_ms(uint64_t deadline_us);

/* Milliseconds since `start_us`. */
double clock_ms_since(uint64_t start_us);
