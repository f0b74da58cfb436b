/* SPDX-License-Identifier: Apache-2.0 */
#include "expect.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void expect(const struct problems *problems, bool is_error,
                   unsigned line, const char *text)
{
	for (size_t i = 0; i < problems->count; i++) {
		const struct problem *problem = &problems->list[i];

		if (problem->is_error == is_error &&
		    problem->place.line == line &&
		    strstr(problem->text, text) != NULL)
			return;
	}
	problems_print(problems, stderr);
	fail_msg("nothing in line %u says: %s", line, text);
}

void expect_error(const struct problems *problems, unsigned line,
                  const char *text)
{
	expect(problems, true, line, text);
}

void expect_warning(const struct problems *problems, unsigned line,
                    const char *text)
{
	expect(problems, false, line, text);
}

void expect_counts(const struct problems *problems, size_t errors,
                   size_t warnings)
{
	if (problems->errors == errors && problems->count == errors + warnings)
		return;
	problems_print(problems, stderr);
	fail_msg("%zu errors and %zu warnings, not %zu and %zu",
	         problems->errors, problems->count - problems->errors, errors,
	         warnings);
}
