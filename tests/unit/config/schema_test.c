/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What every entry of the table has to say for the manual.
 */
#include "config/schema.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SCHEMAS 32
#define LINE_COLUMNS 65 /* of an example, in a terminal of 80 */
#define BEGINNING_BYTES 64

static void for_each_setting(void (*expect)(const struct schema_setting *))
{
	const struct schema *queue[SCHEMAS] = { &schema_root };
	size_t count = 1;

	for (size_t i = 0; i < count; i++) {
		for (size_t j = 0; j < queue[i]->count; j++) {
			const struct schema_setting *setting =
			    &queue[i]->settings[j];

			expect(setting);
			if (setting->inner != NULL)
				queue[count++] = setting->inner;
			assert_true(count < SCHEMAS);
		}
	}
}

static void expect_sentence(const struct schema_setting *setting)
{
	const char *help = setting->help;

	if (help == NULL || strlen(help) < 2 || help[strlen(help) - 1] == '.')
		fail_msg("%s: help without its full stop, not %s",
		         setting->name, help);
}

/* Its first line that begins with the name; NULL: none does. */
static const char *find_line(const char *example, const char *name)
{
	char beginning[BEGINNING_BYTES];

	snprintf(beginning, sizeof(beginning), "%s = ", name);
	while (example != NULL &&
	       strncmp(example, beginning, strlen(beginning)) != 0) {
		example = strchr(example, '\n');
		example = example != NULL ? example + 1 : NULL;
	}
	return example;
}

static void expect_example(const struct schema_setting *setting)
{
	const char *example = setting->example;

	if (example == NULL || find_line(example, setting->name) == NULL)
		fail_msg("%s: an example with a line \"%s = ...\", not %s",
		         setting->name, setting->name, example);
	if (example[strlen(example) - 1] != ';')
		fail_msg("%s: the example ends with no semicolon",
		         setting->name);
}

static void expect_narrow(const struct schema_setting *setting)
{
	for (const char *line = setting->example; *line != '\0';) {
		size_t len = strcspn(line, "\n");

		if (len > LINE_COLUMNS)
			fail_msg("%s: too wide: %s", setting->name, line);
		line += len;
		line += *line == '\n';
	}
}

static void every_setting_has_a_sentence(void **state)
{
	(void)state;
	for_each_setting(expect_sentence);
}

static void every_setting_has_an_example_that_sets_it(void **state)
{
	(void)state;
	for_each_setting(expect_example);
}

static void examples_fit_into_a_page_of_the_manual(void **state)
{
	(void)state;
	for_each_setting(expect_narrow);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_setting_has_a_sentence),
		cmocka_unit_test(every_setting_has_an_example_that_sets_it),
		cmocka_unit_test(examples_fit_into_a_page_of_the_manual),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
