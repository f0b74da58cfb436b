/* SPDX-License-Identifier: Apache-2.0 */
#include "json/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "frame.h"

static void what_is_added_stands_behind_the_headroom(void **state)
{
	struct json_text text;

	(void)state;
	json_text_init(&text);
	assert_int_equal(json_text_written(&text).len, 0);
	assert_true(json_text_add(&text, slice_from_text("ab")));
	assert_true(json_text_add(&text, slice_from_text("")));
	assert_true(json_text_add(&text, slice_from_text("c")));
	assert_int_equal(text.headroom, JSON_HEADROOM);
	assert_memory_equal(text.data + JSON_HEADROOM, "abc", 3);
	assert_slice(json_text_written(&text), "abc");
	json_text_finish(&text);
}

static void it_grows_and_is_used_again(void **state)
{
	char *long_text = repeat("0123456789", 1000);
	struct json_text text;
	size_t size;

	(void)state;
	json_text_init(&text);
	assert_true(json_text_add(&text, slice_from_text("x")));
	memset(text.data, 'h', JSON_HEADROOM);
	assert_true(json_text_add(&text, slice_from_text(long_text)));
	assert_int_equal(text.data[JSON_HEADROOM - 1], 'h');
	assert_int_equal(json_text_written(&text).len, 10001);
	size = text.size;
	json_text_clear(&text);
	assert_true(json_text_add(&text, slice_from_text("y")));
	assert_int_equal(text.size, size);
	assert_slice(json_text_written(&text), "y");
	json_text_finish(&text);
	json_text_finish(&text);
	free(long_text);
}

static void what_cannot_be_leaves_it_as_it_was(void **state)
{
	struct json_text text;

	(void)state;
	json_text_init(&text);
	assert_true(json_text_add(&text, slice_from_text("x")));
	assert_null(json_text_extend(&text, SIZE_MAX));
	assert_null(json_text_extend(&text, SIZE_MAX - JSON_HEADROOM));
	assert_slice(json_text_written(&text), "x");
	json_text_finish(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_added_stands_behind_the_headroom),
		cmocka_unit_test(it_grows_and_is_used_again),
		cmocka_unit_test(what_cannot_be_leaves_it_as_it_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
