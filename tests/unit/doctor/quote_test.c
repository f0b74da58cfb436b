/* SPDX-License-Identifier: Apache-2.0 */
#include "doctor/quote.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void what_is_not_printable_is_escaped(void **state)
{
	static const uint8_t bytes[] = { 'a', 0, '"', '\\', 0x1b, 0x7f, 0xff };
	struct quote quoted = quote((struct slice){ bytes, sizeof bytes });

	(void)state;
	assert_string_equal(quoted.text, "\"a\\x00\\\"\\\\\\x1b\\x7f\\xff\"");
	assert_string_equal(quote_text("").text, "\"\"");
}

/* Every length, so that every place is the one where it is cut. */
static void what_is_too_long_ends_in_dots(void **state)
{
	uint8_t bytes[2 * QUOTE_BYTES];

	(void)state;
	for (size_t len = 0; len < sizeof bytes; len++) {
		memset(bytes, len % 2 ? 'x' : '\n', sizeof bytes);

		struct quote quoted = quote((struct slice){ bytes, len });
		size_t quoted_len = strlen(quoted.text);

		assert_in_range(quoted_len, 2, QUOTE_BYTES - 1);
		assert_int_equal(quoted.text[quoted_len - 1], '"');
		if (len > QUOTE_BYTES)
			assert_non_null(strstr(quoted.text, "...\""));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_not_printable_is_escaped),
		cmocka_unit_test(what_is_too_long_ends_in_dots),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
