/* SPDX-License-Identifier: Apache-2.0 */
#include "session/dismissal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

static void what_is_gone_says_more_than_what_has_changed(void **state)
{
	struct dismissal d;

	(void)state;
	assert_true(dismissal_init(&d, 2, 2));
	dismissal_set_route(&d, 1, CLOSE_RELOAD);
	dismissal_set_listener(&d, 1, CLOSE_POLICY_CHANGED);
	assert_int_equal(dismissal_reason(&d, 0, 0), CLOSE_NONE);
	assert_int_equal(dismissal_reason(&d, 1, 0), CLOSE_RELOAD);
	assert_int_equal(dismissal_reason(&d, 0, 1), CLOSE_POLICY_CHANGED);
	assert_int_equal(dismissal_reason(&d, 1, 1), CLOSE_POLICY_CHANGED);
	dismissal_set_route(&d, 0, CLOSE_POLICY_CHANGED);
	dismissal_set_listener(&d, 0, CLOSE_RELOAD);
	assert_int_equal(dismissal_reason(&d, 0, 0), CLOSE_POLICY_CHANGED);
	dismissal_finish(&d);
}

static void nobody_is_dismissed_where_nothing_was_said(void **state)
{
	const struct dismissal none = { 0 };

	(void)state;
	assert_int_equal(dismissal_reason(&none, 0, 0), CLOSE_NONE);
}

static void what_is_written_is_read(void **state)
{
	uint8_t body[16];
	struct dismissal out;
	struct dismissal in;

	(void)state;
	assert_true(dismissal_init(&out, 3, 1));
	assert_true(dismissal_init(&in, 3, 1));
	out.spread_ms = 5000;
	dismissal_set_route(&out, 2, CLOSE_RELOAD);
	size_t len = dismissal_write(&out, body, sizeof body);

	assert_true(dismissal_read(&in, (struct slice){ body, len }));
	assert_int_equal(in.spread_ms, 5000);
	assert_int_equal(dismissal_reason(&in, 2, 0), CLOSE_RELOAD);
	assert_int_equal(dismissal_reason(&in, 1, 0), CLOSE_NONE);
	assert_false(dismissal_read(&in, (struct slice){ body, len - 1 }));
	assert_int_equal(dismissal_write(&out, body, len - 1), 0);
	dismissal_finish(&out);
	dismissal_finish(&in);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_gone_says_more_than_what_has_changed),
		cmocka_unit_test(nobody_is_dismissed_where_nothing_was_said),
		cmocka_unit_test(what_is_written_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
