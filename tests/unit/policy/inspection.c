/* SPDX-License-Identifier: Apache-2.0 */
#include "inspection.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../config/expect.h"
#include "config/load.h"

struct problems inspect(const struct inspection *inspection, const char *rules,
                        const char *settings)
{
	struct problems problems;
	struct config *config;
	char text[2000];

	snprintf(text, sizeof(text),
	         GOOD_LISTENERS GOOD_UPSTREAMS
	         "acls = ( { name = \"some\"; rules = [%s]; } ); routes = ( { "
	         "path = \"/r\"; upstream = \"a\"; kind = \"%s\";\n%s } );",
	         rules, inspection->kind, settings);
	problems_init(&problems);
	config = config_load_text("f", text, &problems);
	assert_non_null(config);
	expect_counts(&problems, 0, 0);
	inspection->review(config, &config->routes[0], &problems);
	config_unload(config);
	return problems;
}

void expect_nothing(const struct inspection *inspection, const char *rules,
                    const char *settings)
{
	struct problems problems = inspect(inspection, rules, settings);

	expect_counts(&problems, 0, 0);
	problems_finish(&problems);
}

void expect_one_error(const struct inspection *inspection, const char *settings,
                      const char *text)
{
	struct problems problems = inspect(inspection, "", settings);

	expect_counts(&problems, 1, 0);
	expect_error(&problems, INSPECTION_LINE, text);
	problems_finish(&problems);
}

void expect_one_warning(const struct inspection *inspection, const char *rules,
                        const char *settings, const char *text)
{
	struct problems problems = inspect(inspection, rules, settings);

	expect_counts(&problems, 0, 1);
	expect_warning(&problems, INSPECTION_LINE, text);
	problems_finish(&problems);
}
