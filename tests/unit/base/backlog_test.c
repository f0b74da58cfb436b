/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/backlog.h"

static void bytes_come_out_in_the_order_they_went_in(void **state)
{
	struct backlog backlog = { 0 };

	(void)state;
	assert_true(backlog_put(&backlog, slice_from_text("one ")));
	assert_true(backlog_put(&backlog, slice_from_text("two ")));
	backlog_drop(&backlog, 4);
	assert_true(backlog_put(&backlog, slice_from_text("three")));
	assert_true(slice_is(backlog_peek(&backlog), "two three"));
	backlog_finish(&backlog);
}

static void an_empty_backlog_holds_no_memory(void **state)
{
	struct backlog backlog = { 0 };

	(void)state;
	assert_true(backlog_put(&backlog, slice_from_text("gone")));
	backlog_drop(&backlog, 4);
	assert_null(backlog.data);
	assert_int_equal(backlog_peek(&backlog).len, 0);
}

static void putting_nothing_takes_no_memory(void **state)
{
	struct backlog backlog = { 0 };

	(void)state;
	assert_true(backlog_put(&backlog, (struct slice){ NULL, 0 }));
	assert_null(backlog.data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_come_out_in_the_order_they_went_in),
		cmocka_unit_test(an_empty_backlog_holds_no_memory),
		cmocka_unit_test(putting_nothing_takes_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
