/* SPDX-License-Identifier: Apache-2.0 */
#include "base/denial.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void each_denial_has_its_word(void **state)
{
	static const char *const words[DENIALS] = { "publish", "subscribe",
		                                    "deliver", "will",
		                                    "response" };

	(void)state;
	for (int i = 0; i < DENIALS; i++)
		assert_string_equal(denial_word((enum denial)i), words[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_denial_has_its_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
