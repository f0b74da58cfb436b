/* SPDX-License-Identifier: Apache-2.0 */
#include "doctor/report.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/attribute.h"

PRINTF_LIKE(3, 0)
static void say(const char *word, const char *step, const char *format,
                va_list list)
{
	printf("%-8s %-11s ", word, step);
	vprintf(format, list);
	putchar('\n');
	fflush(stdout);
}

void report_ok(const char *step, const char *format, ...)
{
	va_list list;

	va_start(list, format);
	say("ok", step, format, list);
	va_end(list);
}

void report_note(const char *step, const char *format, ...)
{
	va_list list;

	va_start(list, format);
	say("note", step, format, list);
	va_end(list);
}

void report_wrong(struct report *report, const char *step, const char *format,
                  ...)
{
	va_list list;

	va_start(list, format);
	say("wrong", step, format, list);
	va_end(list);
	if (report->wrongs++ > 0)
		return;
	va_start(list, format);
	int len = snprintf(report->first, sizeof report->first, "%s: ", step);

	vsnprintf(report->first + len, sizeof report->first - (size_t)len,
	          format, list);
	va_end(list);
}

void report_mend(const char *format, ...)
{
	va_list list;

	va_start(list, format);
	say("mend", "", format, list);
	va_end(list);
}

bool report_verdict(const struct report *report, const char *what)
{
	if (report->wrongs == 0)
		printf("verdict: all is well with %s\n", what);
	else if (report->wrongs == 1)
		printf("verdict: wrong: %s\n", report->first);
	else
		printf("verdict: %u things are wrong, first mend this: %s\n",
		       report->wrongs, report->first);
	return report->wrongs == 0;
}
