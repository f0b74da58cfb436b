/* SPDX-License-Identifier: Apache-2.0 */
#include "commands/moment.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define DIGITS "0123456789"
#define SECONDS_DIGITS 12 /* some thousands of years */

static const char *skip_fraction(const char *text)
{
	size_t len =
	    *text == '.' || *text == ',' ? strspn(text + 1, DIGITS) : 0;

	return len > 0 ? text + 1 + len : text;
}

static bool is_end(const char *text)
{
	return *text == '\0' || strcmp(text, ":") == 0;
}

static bool read_seconds(const char *text, uint64_t *seconds)
{
	size_t len = strspn(text, DIGITS);

	if (len == 0 || len > SECONDS_DIGITS ||
	    !is_end(skip_fraction(text + len)))
		return false;
	*seconds = strtoull(text, NULL, 10);
	return true;
}

static bool is_digit(char c)
{
	return isdigit((unsigned char)c) != 0;
}

/* +HH:MM or +HHMM; gives what stands behind it, NULL: it is no offset. */
static const char *read_offset(const char *text, long *offset_s)
{
	int sign = *text == '-' ? -1 : 1;
	int digits[4];
	int count = 0;

	for (text++; count < 4; text++) {
		if (count == 2 && *text == ':')
			continue;
		if (!is_digit(*text))
			return NULL;
		digits[count++] = *text - '0';
	}
	*offset_s = sign * ((digits[0] * 10L + digits[1]) * 3600 +
	                    (digits[2] * 10L + digits[3]) * 60);
	return text;
}

/* What `tm` and the zone behind it, `text`, stand for; -1: no zone. */
static time_t resolve(struct tm *tm, const char *text)
{
	long offset_s = 0;

	if (is_end(text)) {
		tm->tm_isdst = -1;
		return mktime(tm);
	}
	if (*text == 'Z')
		text++;
	else if (*text == '+' || *text == '-')
		text = read_offset(text, &offset_s);
	else
		return -1;
	return text && is_end(text) ? timegm(tm) - offset_s : -1;
}

static bool read_calendar(const char *text, uint64_t *seconds)
{
	struct tm tm = { 0 };
	const char *day_end = strptime(text, "%Y-%m-%d", &tm);
	const char *end;
	time_t time;

	if (!day_end || (*day_end != 'T' && *day_end != ' '))
		return false;
	end = strptime(day_end + 1, "%H:%M:%S", &tm);
	time = end ? resolve(&tm, skip_fraction(end)) : -1;
	if (time < 0)
		return false;
	*seconds = (uint64_t)time;
	return true;
}

bool moment_read(const char *text, uint64_t *seconds)
{
	return read_seconds(text, seconds) || read_calendar(text, seconds);
}
