/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "commands/moment.h"

#define MOMENT 1795856708 /* 2026-11-28T09:05:08Z */

static void use_zone(const char *zone)
{
	setenv("TZ", zone, 1);
	tzset();
}

static uint64_t read_moment(const char *text)
{
	uint64_t seconds;

	if (!moment_read(text, &seconds))
		fail_msg("%s", text);
	return seconds;
}

static void seconds_are_taken_as_a_broker_logs_them(void **state)
{
	(void)state;
	assert_int_equal(read_moment("1795856708"), MOMENT);
	assert_int_equal(read_moment("1795856708:"), MOMENT);
	assert_int_equal(read_moment("1795856708.125"), MOMENT);
	assert_int_equal(read_moment("0"), 0);
}

static void a_calendar_time_is_local(void **state)
{
	(void)state;
	use_zone("UTC");
	assert_int_equal(read_moment("2026-11-28T09:05:08"), MOMENT);
	use_zone("CET-1CEST,M3.5.0,M10.5.0/3");
	assert_int_equal(read_moment("2026-11-28T10:05:08"), MOMENT);
	assert_int_equal(read_moment("2026-11-28 10:05:08:"), MOMENT);
	assert_int_equal(read_moment("2026-07-01T12:00:00"),
	                 read_moment("2026-07-01T10:00:00Z"));
}

static void or_in_the_zone_that_it_names(void **state)
{
	(void)state;
	use_zone("CET-1CEST,M3.5.0,M10.5.0/3");
	assert_int_equal(read_moment("2026-11-28T09:05:08Z"), MOMENT);
	assert_int_equal(read_moment("2026-11-28T09:05:08.250Z"), MOMENT);
	assert_int_equal(read_moment("2026-11-28T10:05:08+01:00"), MOMENT);
	assert_int_equal(read_moment("2026-11-28T10:05:08+0100"), MOMENT);
	assert_int_equal(read_moment("2026-11-28T03:35:08-05:30"), MOMENT);
}

static void anything_else_is_no_moment(void **state)
{
	static const char *const texts[] = {
		"",
		"now",
		"-5",
		"17958567080000",
		"1795856708x",
		"1795856708 ",
		"1795856708.",
		"2026-11-28",
		"2026-13-28T09:05:08",
		"2026-11-28T25:05:08",
		"2026-11-28T09:05",
		"2026-11-28T09:05:08z",
		"2026-11-28T09:05:08Z+01:00",
		"2026-11-28T09:05:08+1",
		"2026-11-28T09:05:08+01:",
		"2026-11-28T09:05:08 CET",
		"1969-12-31T23:59:59Z",
	};
	uint64_t seconds;

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		if (moment_read(texts[i], &seconds))
			fail_msg("%s", texts[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(seconds_are_taken_as_a_broker_logs_them),
		cmocka_unit_test(a_calendar_time_is_local),
		cmocka_unit_test(or_in_the_zone_that_it_names),
		cmocka_unit_test(anything_else_is_no_moment),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
