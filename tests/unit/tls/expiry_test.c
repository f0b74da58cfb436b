/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tls/expiry.h"

#define DAY_S UINT64_C(86400)
#define END_S (UINT64_C(20000) * DAY_S) /* of certificate ONE */
#define ONE 1
#define OTHER 2

static struct tls_expiry_told told;

static int forget(void **state)
{
	(void)state;
	told = (struct tls_expiry_told){ 0 };
	return 0;
}

static enum tls_expiry tell(uint64_t now_s)
{
	return tls_expiry_tell(&told, ONE, END_S, now_s);
}

static void days_left_are_whole_ones(void **state)
{
	(void)state;
	assert_int_equal(tls_expiry_days(END_S, END_S - 2 * DAY_S), 2);
	assert_int_equal(tls_expiry_days(END_S, END_S - 2 * DAY_S + 1), 1);
	assert_int_equal(tls_expiry_days(END_S, END_S - 1), 0);
	assert_int_equal(tls_expiry_days(END_S, END_S), 0);
	assert_int_equal(tls_expiry_days(END_S, END_S + 9 * DAY_S), 0);
}

static void each_stage_is_told_once_in_its_time(void **state)
{
	unsigned count[TLS_EXPIRY_OVER + 1] = { 0 };

	(void)state;
	for (uint64_t left = 40 * DAY_S; left > 0; left -= 600) {
		enum tls_expiry stage = tell(END_S - left);

		count[stage]++;
		if (stage == TLS_EXPIRY_FEW)
			assert_int_equal(left, 14 * DAY_S - 600);
		if (stage == TLS_EXPIRY_LAST)
			assert_int_equal(left, 3 * DAY_S - 600);
		assert_int_not_equal(stage, TLS_EXPIRY_OVER);
	}
	assert_int_equal(tell(END_S), TLS_EXPIRY_OVER);
	assert_int_equal(tell(END_S + DAY_S), TLS_EXPIRY_FAR);
	assert_int_equal(count[TLS_EXPIRY_FEW], 1);
	assert_int_equal(count[TLS_EXPIRY_LAST], 1);
}

static void a_late_look_tells_the_last_stage_only(void **state)
{
	(void)state;
	assert_int_equal(tell(END_S - DAY_S), TLS_EXPIRY_LAST);
	assert_int_equal(tell(END_S - DAY_S + 1), TLS_EXPIRY_FAR);
}

static void each_certificate_is_told(void **state)
{
	(void)state;
	assert_int_equal(tell(END_S - DAY_S), TLS_EXPIRY_LAST);
	assert_int_equal(
	    tls_expiry_tell(&told, OTHER, END_S + 9 * DAY_S, END_S - DAY_S),
	    TLS_EXPIRY_FEW);
	assert_int_equal(tell(END_S - DAY_S), TLS_EXPIRY_FAR);
	assert_int_equal(
	    tls_expiry_tell(&told, OTHER, END_S + 9 * DAY_S, END_S - DAY_S),
	    TLS_EXPIRY_FAR);
}

static void a_clock_that_is_set_right_is_no_news(void **state)
{
	(void)state;
	assert_int_equal(tell(END_S - 14 * DAY_S + 1), TLS_EXPIRY_FEW);
	assert_int_equal(tell(END_S - 14 * DAY_S - 3600), TLS_EXPIRY_FAR);
	assert_int_equal(tell(END_S - 14 * DAY_S + 1), TLS_EXPIRY_FAR);
}

static void what_was_told_far_too_early_is_told_again(void **state)
{
	(void)state;
	assert_int_equal(tell(END_S + DAY_S), TLS_EXPIRY_OVER);
	assert_int_equal(tell(END_S - 60 * DAY_S), TLS_EXPIRY_FAR);
	assert_int_equal(tell(END_S - 13 * DAY_S), TLS_EXPIRY_FEW);
	assert_int_equal(tell(END_S - 2 * DAY_S), TLS_EXPIRY_LAST);
	assert_int_equal(tell(END_S), TLS_EXPIRY_OVER);
}

static void more_certificates_than_are_remembered_do_no_harm(void **state)
{
	(void)state;
	for (uint64_t print = 0; print < 3 * TLS_EXPIRY_TOLD; print++) {
		assert_int_equal(
		    tls_expiry_tell(&told, print, END_S, END_S - DAY_S),
		    TLS_EXPIRY_LAST);
		assert_int_equal(
		    tls_expiry_tell(&told, print, END_S, END_S - DAY_S),
		    TLS_EXPIRY_FAR);
	}
}

#define expiry_test(name) cmocka_unit_test_setup(name, forget)

int main(void)
{
	const struct CMUnitTest tests[] = {
		expiry_test(days_left_are_whole_ones),
		expiry_test(each_stage_is_told_once_in_its_time),
		expiry_test(a_late_look_tells_the_last_stage_only),
		expiry_test(each_certificate_is_told),
		expiry_test(a_clock_that_is_set_right_is_no_news),
		expiry_test(what_was_told_far_too_early_is_told_again),
		expiry_test(more_certificates_than_are_remembered_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
