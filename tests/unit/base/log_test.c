/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What ends up on stderr, caught in a pipe.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/log.h"

/* What a log call writes; `line` has room for `size` octets. */
static void caught(void (*write)(void), char *line, size_t size)
{
	int ends[2];
	int before = dup(STDERR_FILENO);

	assert_int_equal(pipe(ends), 0);
	dup2(ends[1], STDERR_FILENO);
	write();
	dup2(before, STDERR_FILENO);
	close(ends[1]);

	ssize_t len = read(ends[0], line, size - 1);

	line[len > 0 ? len : 0] = '\0';
	close(ends[0]);
	close(before);
}

static void write_ready(void)
{
	log_info("ready", LOG_FIELDS(log_number("workers", 2)));
}

static void write_hostile(void)
{
	log_warning("refused",
	            LOG_FIELDS(log_text("origin", "a\"b\\\nready workers=9"),
	                       log_text("empty", ""), log_text("plain", "x")));
}

static void write_debug(void)
{
	log_debug("chatter", NULL);
}

static void write_long(void)
{
	char value[2000];

	memset(value, 'v', sizeof value);
	log_info("long",
	         LOG_FIELDS(log_slice(
	             "v", (struct slice){ (uint8_t *)value, sizeof value })));
}

static void news_begin_with_their_subject(void **state)
{
	char line[256];

	(void)state;
	caught(write_ready, line, sizeof line);
	assert_string_equal(line, "ready workers=2\n");
}

static void a_strangers_text_stays_in_its_quotes(void **state)
{
	char line[256];

	(void)state;
	caught(write_hostile, line, sizeof line);
	assert_string_equal(line, "warning: refused "
	                          "origin=\"a\\\"b\\\\\\x0aready workers=9\" "
	                          "empty=\"\" plain=x\n");
}

static void json_lines_are_whole_objects(void **state)
{
	char line[512];

	(void)state;
	log_set(LOG_LEVEL_INFO, true);
	caught(write_hostile, line, sizeof line);
	log_set(LOG_LEVEL_INFO, false);
	assert_non_null(strstr(line, ",\"level\":\"warning\",\"message\":"
	                             "\"refused\",\"origin\":\"a\\\"b\\\\"
	                             "\\\\x0aready workers=9\",\"empty\":\"\","
	                             "\"plain\":\"x\"}\n"));
}

static void lines_above_the_level_are_left_out(void **state)
{
	char line[64];

	(void)state;
	caught(write_debug, line, sizeof line);
	assert_string_equal(line, "");
}

static void long_values_are_cut_and_say_so(void **state)
{
	char line[4096];

	(void)state;
	caught(write_long, line, sizeof line);
	assert_in_range(strlen(line), 300, 400);
	assert_non_null(strstr(line, "vvv..."));
}

static void a_limit_counts_what_it_held_back(void **state)
{
	struct log_limit limit = { 0 };
	uint64_t suppressed = 99;

	(void)state;
	assert_true(log_limit_allows(&limit, 5000, 2, &suppressed));
	assert_true(log_limit_allows(&limit, 5100, 2, &suppressed));
	assert_int_equal(suppressed, 0);
	assert_false(log_limit_allows(&limit, 5200, 2, &suppressed));
	assert_false(log_limit_allows(&limit, 5900, 2, &suppressed));
	assert_true(log_limit_allows(&limit, 6000, 2, &suppressed));
	assert_int_equal(suppressed, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(news_begin_with_their_subject),
		cmocka_unit_test(a_strangers_text_stays_in_its_quotes),
		cmocka_unit_test(json_lines_are_whole_objects),
		cmocka_unit_test(lines_above_the_level_are_left_out),
		cmocka_unit_test(long_values_are_cut_and_say_so),
		cmocka_unit_test(a_limit_counts_what_it_held_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
