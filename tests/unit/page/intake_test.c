/* SPDX-License-Identifier: Apache-2.0 */
#include "page/intake.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define MOST 10 /* octets of a message */

static struct slice message;

/* `left` octets of the frame are still to come. */
static enum intake_step add(struct intake *intake, const char *bytes,
                            bool is_last, size_t left)
{
	const struct ws_piece piece = {
		.bytes = slice_from_text(bytes),
		.is_text = true,
		.is_last = is_last,
		.left = left,
	};

	message = (struct slice){ NULL, 0 };
	return intake_add(intake, &piece, MOST, &message);
}

static void a_message_in_one_piece_is_not_copied(void **state)
{
	static const char bytes[] = "0123456789";
	struct intake intake = { 0 };

	(void)state;
	assert_int_equal(add(&intake, bytes, true, 0), INTAKE_WHOLE);
	assert_ptr_equal(message.data, bytes);
	assert_int_equal(message.len, MOST);
	assert_null(intake.pieces.data);
	intake_finish(&intake);
}

static void pieces_come_out_whole(void **state)
{
	struct intake intake = { 0 };

	(void)state;
	assert_int_equal(add(&intake, "012", false, 3), INTAKE_MORE);
	assert_int_equal(add(&intake, "345", false, 0), INTAKE_MORE);
	assert_int_equal(add(&intake, "6789", true, 0), INTAKE_WHOLE);
	assert_true(slice_is(message, "0123456789"));
	intake_clear(&intake);
	assert_null(intake.pieces.data);
}

static void a_message_begins_anew_after_the_one_before(void **state)
{
	struct intake intake = { 0 };

	(void)state;
	assert_int_equal(add(&intake, "one", false, 0), INTAKE_MORE);
	assert_int_equal(add(&intake, "", true, 0), INTAKE_WHOLE);
	assert_true(slice_is(message, "one"));
	intake_clear(&intake);
	assert_int_equal(add(&intake, "0123", false, 6), INTAKE_MORE);
	assert_int_equal(add(&intake, "456789", true, 0), INTAKE_WHOLE);
	assert_true(slice_is(message, "0123456789"));
	intake_clear(&intake);
	assert_int_equal(add(&intake, "two", true, 0), INTAKE_WHOLE);
	assert_true(slice_is(message, "two"));
	intake_clear(&intake);
}

static void an_empty_message_is_whole(void **state)
{
	const struct ws_piece nothing = { .is_last = true };
	struct intake intake = { 0 };

	(void)state;
	message = slice_from_text("before");
	assert_int_equal(intake_add(&intake, &nothing, MOST, &message),
	                 INTAKE_WHOLE);
	assert_int_equal(message.len, 0);
	intake_clear(&intake);
	assert_int_equal(add(&intake, "", false, 0), INTAKE_MORE);
	assert_int_equal(add(&intake, "", true, 0), INTAKE_WHOLE);
	assert_int_equal(message.len, 0);
	intake_clear(&intake);
	assert_int_equal(intake_add(&intake, &nothing, 0, &message),
	                 INTAKE_WHOLE);
	intake_clear(&intake);
}

/* Before the octets are there. */
static void a_frame_that_announces_too_much_is_too_large(void **state)
{
	struct intake intake = { 0 };

	(void)state;
	assert_int_equal(add(&intake, "0", false, 10), INTAKE_TOO_LARGE);
	assert_int_equal(add(&intake, "", false, 11), INTAKE_TOO_LARGE);
	assert_int_equal(add(&intake, "0", false, SIZE_MAX), INTAKE_TOO_LARGE);
	assert_int_equal(add(&intake, "0", false, 9), INTAKE_MORE);
	intake_finish(&intake);
}

static void a_second_frame_is_added_to_the_first(void **state)
{
	struct intake intake = { 0 };

	(void)state;
	assert_int_equal(add(&intake, "01234", false, 0), INTAKE_MORE);
	assert_int_equal(add(&intake, "5", false, 5), INTAKE_TOO_LARGE);
	assert_int_equal(add(&intake, "5", false, 4), INTAKE_MORE);
	assert_int_equal(add(&intake, "6789", true, 0), INTAKE_WHOLE);
	assert_true(slice_is(message, "0123456789"));
	intake_finish(&intake);
}

static void what_is_too_large_in_all_is_too_large(void **state)
{
	struct intake intake = { 0 };

	(void)state;
	assert_int_equal(add(&intake, "0123456789a", true, 0),
	                 INTAKE_TOO_LARGE);
	assert_int_equal(add(&intake, "01234", false, 0), INTAKE_MORE);
	assert_int_equal(add(&intake, "56789", false, 0), INTAKE_MORE);
	assert_int_equal(add(&intake, "a", true, 0), INTAKE_TOO_LARGE);
	assert_int_equal(add(&intake, "", true, 0), INTAKE_WHOLE);
	intake_finish(&intake);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_message_in_one_piece_is_not_copied),
		cmocka_unit_test(pieces_come_out_whole),
		cmocka_unit_test(a_message_begins_anew_after_the_one_before),
		cmocka_unit_test(an_empty_message_is_whole),
		cmocka_unit_test(a_frame_that_announces_too_much_is_too_large),
		cmocka_unit_test(a_second_frame_is_added_to_the_first),
		cmocka_unit_test(what_is_too_large_in_all_is_too_large),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
