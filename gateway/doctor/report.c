/* SPDX-License-Identifier: Apache-2.0 */
#include "doctor/report.h"

#include <stdarg.h>
#include <stdio.h>

static void say(const char *word, const char *step, const char *text)
{
	printf("%-8s %-11s %s\n", word, step, text);
	fflush(stdout);
}

void report_ok(const char *step, const char *format, ...)
{
	char text[REPORT_LINE_BYTES];
	va_list list;

	va_start(list, format);
	vsnprintf(text, sizeof text, format, list);
	va_end(list);
	say("ok", step, text);
}

void report_note(const char *step, const char *format, ...)
{
	char text[REPORT_LINE_BYTES];
	va_list list;

	va_start(list, format);
	vsnprintf(text, sizeof text, format, list);
	va_end(list);
	say("note", step, text);
}

void report_wrong(struct report *report, const char *step, const char *format,
                  ...)
{
	char text[REPORT_LINE_BYTES];
	va_list list;

	va_start(list, format);
	vsnprintf(text, sizeof text, format, list);
	va_end(list);
	say("wrong", step, text);
	if (report->wrongs++ == 0)
		snprintf(report->first, sizeof report->first, "%s: %.1900s",
		         step, text);
}

void report_mend(const char *format, ...)
{
	char text[REPORT_LINE_BYTES];
	va_list list;

	va_start(list, format);
	vsnprintf(text, sizeof text, format, list);
	va_end(list);
	say("mend", "", text);
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
