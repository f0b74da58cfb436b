/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the doctor says: one line for each step, as it is done, and a verdict.
 *
 * Whoever reports has quoted what came from the network (quote.h).
 */
#pragma once

#include <stdbool.h>

#include "base/attribute.h"

#define REPORT_LINE_BYTES 2048

struct report {
	unsigned wrongs;
	char first[REPORT_LINE_BYTES]; /* the first that was wrong */
};

/* `step` is one word. A line that is too long is cut. */
PRINTF_LIKE(2, 3)
void report_ok(const char *step, const char *format, ...);

/* Worth to know, and no fault. */
PRINTF_LIKE(2, 3)
void report_note(const char *step, const char *format, ...);

PRINTF_LIKE(3, 4)
void report_wrong(struct report *report, const char *step, const char *format,
                  ...);

/* What to do about the line before. */
PRINTF_LIKE(1, 2)
void report_mend(const char *format, ...);

/* The last line, about `what`. Gives whether nothing was wrong. */
bool report_verdict(const struct report *report, const char *what);
