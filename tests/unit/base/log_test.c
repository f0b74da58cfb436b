/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What ends up on stderr, caught in a pipe.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
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

#define PIPE_BYTES 8192
#define SEEN_BYTES (8u << 20)
#define ENOUGH_BYTES (16u << 10) /* kept, when the log is behind */
#define BOUND_BYTES (4u << 20)   /* kept at most */
#define LONG_MESSAGE                                                           \
	"a message that is as long as the topics of the largest plants, so "   \
	"that not too many of them are needed to fill what the log keeps, "    \
	"and long enough to show where a line was cut if ever one were cut"
#define DROPPED "warning: log lines dropped count="

/* stderr is a small pipe that is read only when the test does so. */
struct stalled {
	int before;
	int ends[2];
	char *seen; /* all that was read */
	size_t len;
};

static void stall(struct stalled *stalled)
{
	stalled->seen = calloc(1, SEEN_BYTES);
	stalled->len = 0;
	stalled->before = dup(STDERR_FILENO);
	assert_non_null(stalled->seen);
	assert_int_equal(pipe(stalled->ends), 0);
	assert_int_not_equal(fcntl(stalled->ends[0], F_SETPIPE_SZ, PIPE_BYTES),
	                     -1);
	assert_int_equal(fcntl(stalled->ends[0], F_SETFL, O_NONBLOCK), 0);
	dup2(stalled->ends[1], STDERR_FILENO);
}

/* Reads what is in the pipe; false: nothing was. */
static bool read_some(struct stalled *stalled)
{
	ssize_t len = read(stalled->ends[0], stalled->seen + stalled->len,
	                   SEEN_BYTES - 1 - stalled->len);

	if (len > 0)
		stalled->len += (size_t)len;
	return len > 0;
}

/* Reads until the log has no more to say. */
static void read_all(struct stalled *stalled)
{
	while (read_some(stalled))
		(void)log_is_behind();
}

/* Reads all, and gives stderr back, for what an assertion has to say. */
static void recover(struct stalled *stalled)
{
	read_all(stalled);
	dup2(stalled->before, STDERR_FILENO);
	close(stalled->before);
	close(stalled->ends[0]);
	close(stalled->ends[1]);
}

static void audit(unsigned number)
{
	log_audit("audit publish", LOG_FIELDS(log_number("n", number)));
}

static void audit_many(unsigned first, unsigned end)
{
	for (unsigned i = first; i < end; i++)
		audit(i);
}

/* Takes each line up to before `end` off what was seen, in order. */
static const char *expect_audits(const char *seen, unsigned end)
{
	char line[64];

	for (unsigned i = 0; i < end; i++) {
		snprintf(line, sizeof line, "audit publish n=%u\n", i);
		assert_memory_equal(seen, line, strlen(line));
		seen += strlen(line);
	}
	return seen;
}

static void an_audit_line_is_written_at_once_at_every_level(void **state)
{
	struct stalled stalled;
	bool is_behind;

	(void)state;
	stall(&stalled);
	log_set(LOG_LEVEL_ERROR, false);
	audit(0);
	log_set(LOG_LEVEL_INFO, false);
	is_behind = log_is_behind();
	recover(&stalled);
	assert_false(is_behind);
	assert_string_equal(expect_audits(stalled.seen, 1), "");
	free(stalled.seen);
}

static void audit_lines_wait_for_their_reader_whole_and_in_order(void **state)
{
	struct stalled stalled;

	(void)state;
	stall(&stalled);
	audit_many(0, 3000);
	recover(&stalled);
	assert_string_equal(expect_audits(stalled.seen, 3000), "");
	free(stalled.seen);
}

static void a_kept_line_is_not_overtaken_by_a_later_one(void **state)
{
	struct stalled stalled;

	(void)state;
	stall(&stalled);
	audit_many(0, 500);
	(void)read_some(&stalled);
	audit_many(500, 600);
	recover(&stalled);
	assert_string_equal(expect_audits(stalled.seen, 600), "");
	free(stalled.seen);
}

static void the_log_is_behind_while_much_is_kept(void **state)
{
	struct stalled stalled;
	unsigned count = 0;
	bool is_behind;

	(void)state;
	stall(&stalled);
	while (!log_is_behind())
		audit(count++);
	read_all(&stalled);
	is_behind = log_is_behind();
	recover(&stalled);
	assert_false(is_behind);
	assert_in_range(stalled.len, ENOUGH_BYTES,
	                ENOUGH_BYTES + 2 * PIPE_BYTES);
	assert_string_equal(expect_audits(stalled.seen, count), "");
	free(stalled.seen);
}

static void other_lines_are_dropped_and_counted(void **state)
{
	struct stalled stalled;

	(void)state;
	stall(&stalled);
	audit_many(0, 500);
	for (unsigned i = 0; i < 40; i++)
		write_ready();
	read_all(&stalled);
	write_ready();
	recover(&stalled);
	assert_string_equal(expect_audits(stalled.seen, 500),
	                    DROPPED "40\n"
	                            "ready workers=2\n");
	free(stalled.seen);
}

static void what_was_dropped_is_told_without_another_line(void **state)
{
	struct stalled stalled;
	uint64_t counts[3];

	(void)state;
	(void)log_catch_up();
	stall(&stalled);
	audit_many(0, 500);
	for (unsigned i = 0; i < 40; i++)
		write_ready();
	counts[0] = log_catch_up();
	read_all(&stalled);
	counts[1] = log_catch_up();
	recover(&stalled);
	counts[2] = log_catch_up();
	assert_int_equal(counts[0], 40);
	assert_int_equal(counts[1] + counts[2], 0);
	assert_string_equal(expect_audits(stalled.seen, 500), DROPPED "40\n");
	free(stalled.seen);
}

static unsigned count_lines(const char *text)
{
	unsigned count = 0;

	while ((text = strchr(text, '\n')) != NULL) {
		text++;
		count++;
	}
	return count;
}

/* Sessions wait long before that; what is kept is bounded all the same. */
static void audit_lines_over_the_bound_are_dropped_and_counted(void **state)
{
	struct stalled stalled;
	unsigned sent = 0;
	unsigned kept;
	char *told;

	(void)state;
	stall(&stalled);
	for (; sent * strlen(LONG_MESSAGE) < BOUND_BYTES * 5 / 4; sent++)
		log_audit(LONG_MESSAGE, NULL);
	read_all(&stalled);
	kept = count_lines(stalled.seen);
	audit(0);
	recover(&stalled);
	told = strstr(stalled.seen, DROPPED);
	assert_non_null(told);
	assert_in_range(kept * (strlen(LONG_MESSAGE) + 1),
	                BOUND_BYTES - PIPE_BYTES, BOUND_BYTES + 2 * PIPE_BYTES);
	assert_int_equal(strtoul(told + strlen(DROPPED), NULL, 10),
	                 sent - kept);
	free(stalled.seen);
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
		cmocka_unit_test(
		    an_audit_line_is_written_at_once_at_every_level),
		cmocka_unit_test(
		    audit_lines_wait_for_their_reader_whole_and_in_order),
		cmocka_unit_test(a_kept_line_is_not_overtaken_by_a_later_one),
		cmocka_unit_test(the_log_is_behind_while_much_is_kept),
		cmocka_unit_test(other_lines_are_dropped_and_counted),
		cmocka_unit_test(what_was_dropped_is_told_without_another_line),
		cmocka_unit_test(
		    audit_lines_over_the_bound_are_dropped_and_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
