/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/slice.h"

static void take_moves_past_what_it_gives(void **state)
{
	struct slice s = slice_from_text("abcdef");
	struct slice taken = slice_take(&s, 2);

	(void)state;
	assert_true(slice_is(taken, "ab"));
	assert_true(slice_is(s, "cdef"));
}

static void nothing_can_be_taken_from_nothing(void **state)
{
	struct slice s = { NULL, 0 };

	(void)state;
	assert_int_equal(slice_take(&s, 0).len, 0);
	assert_true(slice_is(s, ""));
}

static void slices_of_other_length_or_bytes_differ(void **state)
{
	(void)state;
	assert_false(slice_is(slice_from_text("mqtt"), "mqtt5"));
	assert_false(slice_is(slice_from_text("mqtt"), "mqtT"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(take_moves_past_what_it_gives),
		cmocka_unit_test(nothing_can_be_taken_from_nothing),
		cmocka_unit_test(slices_of_other_length_or_bytes_differ),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
