/* SPDX-License-Identifier: Apache-2.0 */
#include "doctor/frame.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define MOST 70000
#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static enum frame_read read_text(const char *bytes, size_t len,
                                 struct frame *frame)
{
	struct slice in = { (const uint8_t *)bytes, len };

	return frame_read(&in, MOST, frame);
}

#define READ(bytes, frame) read_text(bytes, sizeof(bytes) - 1, frame)

static void frames_are_read_whole_or_not_at_all(void **state)
{
	static const uint8_t bytes[] = { 0x82, 3, 'a', 'b', 'c', 0x81, 0 };
	struct frame frame;

	(void)state;
	for (size_t len = 0; len < 5; len++) {
		struct slice in = { bytes, len };

		assert_int_equal(frame_read(&in, MOST, &frame), FRAME_MORE);
		assert_int_equal(in.len, len);
	}

	struct slice in = { bytes, sizeof bytes };

	assert_int_equal(frame_read(&in, MOST, &frame), FRAME_WHOLE);
	assert_int_equal(frame.opcode, FRAME_BINARY);
	assert_true(frame.is_last);
	assert_true(slice_is(frame.payload, "abc"));
	assert_int_equal(frame_read(&in, MOST, &frame), FRAME_WHOLE);
	assert_int_equal(frame.opcode, FRAME_TEXT);
	assert_int_equal(frame.payload.len, 0);
	assert_int_equal(in.len, 0);
}

static void what_no_server_may_send_is_broken(void **state)
{
	struct frame frame;

	(void)state;
	assert_int_equal(READ("\x82\x80", &frame), FRAME_BROKEN); /* mask */
	assert_int_equal(READ("\xc2\x01", &frame), FRAME_BROKEN); /* RSV1 */
	assert_int_equal(READ("\x83\x01", &frame), FRAME_BROKEN); /* opcode */
	assert_int_equal(READ("\x09\x01", &frame), FRAME_BROKEN); /* piece */
	assert_int_equal(READ("\x89\x7e\x00\x7e", &frame), FRAME_BROKEN);
}

static void lengths_are_believed_up_to_the_bound_only(void **state)
{
	struct frame frame;

	(void)state;
	assert_int_equal(READ("\x82\x7e\xff\xff", &frame), FRAME_MORE);
	assert_int_equal(READ("\x82\x7f\0\0\0\0\0\1\x11\x70", &frame),
	                 FRAME_MORE);
	assert_int_equal(READ("\x82\x7f\0\0\0\0\0\1\x11\x71", &frame),
	                 FRAME_TOO_LARGE);
	assert_int_equal(
	    READ("\x82\x7f\xff\xff\xff\xff\xff\xff\xff\xff", &frame),
	    FRAME_TOO_LARGE);
}

/* What is written, without its mask, is what a server would send. */
static void written_frames_are_masked(void **state)
{
	static const uint8_t mask[FRAME_MASK_OCTETS] = { 1, 2, 3, 4 };
	static const size_t lens[] = { 0, 1, 125, 126, 65535, 65536 };
	static const size_t heads[] = { 6, 6, 6, 8, 8, 14 };
	static uint8_t payload[MOST];
	static uint8_t buffer[MOST];

	(void)state;
	memset(payload, 'p', sizeof payload);
	for (size_t i = 0; i < LENGTH(lens); i++) {
		size_t len =
		    frame_write(buffer, sizeof buffer, FRAME_TEXT, mask,
		                (struct slice){ payload, lens[i] });

		assert_int_equal(len, heads[i] + lens[i]);
		assert_int_equal(buffer[0], 0x81);
		assert_true(buffer[1] & 0x80);
		assert_memory_equal(buffer + heads[i] - 4, mask, 4);
		for (size_t j = 0; j < lens[i]; j++)
			assert_int_equal(buffer[heads[i] + j],
			                 'p' ^ mask[j % 4]);
	}
}

static void a_frame_that_does_not_fit_is_not_written(void **state)
{
	static const uint8_t mask[FRAME_MASK_OCTETS] = { 0 };
	uint8_t buffer[FRAME_HEADER_OCTETS + 2];
	struct slice three = slice_from_text("abc");

	(void)state;
	assert_int_equal(
	    frame_write(buffer, sizeof buffer, FRAME_TEXT, mask, three), 0);
	assert_int_equal(
	    frame_write(buffer, 3, FRAME_TEXT, mask, (struct slice){ NULL, 0 }),
	    0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_are_read_whole_or_not_at_all),
		cmocka_unit_test(what_no_server_may_send_is_broken),
		cmocka_unit_test(lengths_are_believed_up_to_the_bound_only),
		cmocka_unit_test(written_frames_are_masked),
		cmocka_unit_test(a_frame_that_does_not_fit_is_not_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
