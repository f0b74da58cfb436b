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

static void put_moves_behind_what_it_copies(void **state)
{
	uint8_t bytes[] = "........";
	uint8_t *at = bytes;
	struct slice one = slice_put(&at, slice_from_text("one"));
	struct slice none = slice_put(&at, (struct slice){ NULL, 0 });
	struct slice two = slice_put(&at, slice_from_text("two"));

	(void)state;
	assert_ptr_equal(one.data, bytes);
	assert_true(slice_is(one, "one"));
	assert_int_equal(none.len, 0);
	assert_ptr_equal(two.data, bytes + 3);
	assert_true(slice_is(two, "two"));
	assert_ptr_equal(at, bytes + 6);
	assert_string_equal((const char *)bytes, "onetwo..");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(take_moves_past_what_it_gives),
		cmocka_unit_test(nothing_can_be_taken_from_nothing),
		cmocka_unit_test(slices_of_other_length_or_bytes_differ),
		cmocka_unit_test(put_moves_behind_what_it_copies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
