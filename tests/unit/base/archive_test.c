/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/archive.h"

#define WRITERS 4
#define ROUNDS (ARCHIVE_CELLS * 2)
#define NUMBER_BYTES 24

static int set_up(void **state)
{
	*state = archive_create();
	return *state ? 0 : -1;
}

static int tear_down(void **state)
{
	archive_destroy(*state);
	return 0;
}

/* The same number in all places: one that is not whole would show. */
static struct record_packed packed_of(unsigned worker, uint64_t number)
{
	char text[NUMBER_BYTES];
	struct record record = { .worker = worker, .since_ms = number };
	struct record_packed packed;

	snprintf(text, sizeof text, "%llu", (unsigned long long)number);
	for (int i = 0; i < RECORD_TEXTS; i++)
		record.texts[i] = text;
	record_pack(&record, &packed);
	return packed;
}

static void assert_whole(const struct record_packed *packed)
{
	struct record_packed same = packed_of(packed->worker, packed->since_ms);

	same.until_ms = packed->until_ms;
	same.reason = packed->reason;
	assert_memory_equal(packed, &same, sizeof same);
}

struct seen {
	size_t count;
	size_t open;
	struct record_packed last;
};

static struct seen look(const struct archive *archive)
{
	struct seen seen = { .count = 0 };
	struct record_packed packed;

	for (size_t i = 0; i < ARCHIVE_CELLS; i++) {
		if (!archive_read(archive, i, &packed))
			continue;
		assert_whole(&packed);
		seen.count++;
		seen.open += packed.until_ms == 0;
		seen.last = packed;
	}
	return seen;
}

static uint64_t add(struct archive *archive, unsigned worker, uint64_t number)
{
	struct record_packed packed = packed_of(worker, number);

	return archive_add(archive, &packed);
}

static void an_end_takes_the_place_of_its_beginning(void **state)
{
	uint64_t ticket = add(*state, 1, 7);
	struct record_packed end = packed_of(1, 7);
	struct seen seen = look(*state);

	assert_int_equal(seen.count, 1);
	assert_int_equal(seen.open, 1);
	end.until_ms = 9;
	end.reason = CLOSE_IDLE;
	archive_amend(*state, ticket, &end);
	seen = look(*state);
	assert_int_equal(seen.count, 1);
	assert_int_equal(seen.last.until_ms, 9);
	assert_int_equal(seen.last.reason, CLOSE_IDLE);
}

static void the_oldest_give_way(void **state)
{
	uint64_t ticket = add(*state, 1, 7);
	struct record_packed end = packed_of(1, 7);

	for (uint64_t i = 0; i < ARCHIVE_CELLS; i++)
		add(*state, 2, 1000 + i);
	assert_int_equal(look(*state).open, ARCHIVE_CELLS);
	/* Its end is told all the same, and takes no other's place but one. */
	end.until_ms = 9;
	archive_amend(*state, ticket, &end);
	assert_int_equal(look(*state).open, ARCHIVE_CELLS - 1);
	assert_int_equal(look(*state).count, ARCHIVE_CELLS);
}

static void what_a_dead_worker_had_open_ended_with_it(void **state)
{
	struct record_packed end = packed_of(1, 8);
	struct record_packed packed;

	add(*state, 1, 7);
	end.until_ms = 9;
	archive_amend(*state, add(*state, 1, 8), &end);
	add(*state, 2, 10);
	archive_bury(*state, 1, 55);
	assert_int_equal(look(*state).open, 1);
	for (size_t i = 0; i < ARCHIVE_CELLS; i++) {
		if (!archive_read(*state, i, &packed))
			continue;
		if (packed.since_ms == 7)
			assert_int_equal(packed.until_ms, 55);
		if (packed.since_ms == 8)
			assert_int_equal(packed.until_ms, 9);
	}
}

static void without_an_archive_nothing_is_kept(void **state)
{
	struct record_packed packed = packed_of(1, 1);

	(void)state;
	assert_int_equal(archive_add(NULL, &packed), 0);
	archive_amend(NULL, 0, &packed);
	archive_bury(NULL, 1, 1);
}

static void write_for_ever(struct archive *archive, unsigned worker)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (uint64_t i = 0;; i++) {
		struct record_packed packed = packed_of(worker, i);
		uint64_t ticket = archive_add(archive, &packed);

		packed.until_ms = i + 1;
		archive_amend(archive, ticket, &packed);
	}
}

static void one_that_is_half_written_is_never_read(void **state)
{
	struct archive *archive = *state;
	pid_t writers[WRITERS];
	size_t seen = 0;

	for (unsigned i = 0; i < WRITERS; i++) {
		writers[i] = fork();
		if (writers[i] == 0)
			write_for_ever(archive, i);
	}
	while (seen < ROUNDS)
		seen += look(archive).count;
	/* They die in the midst of writing, and others go on. */
	for (unsigned i = 0; i < WRITERS; i++) {
		kill(writers[i], SIGKILL);
		assert_int_equal(waitpid(writers[i], NULL, 0), writers[i]);
		look(archive);
	}
	for (uint64_t i = 0; i < ARCHIVE_CELLS; i++)
		assert_int_not_equal(add(archive, 9, i), 0);
	assert_in_range(look(archive).count, ARCHIVE_CELLS - WRITERS,
	                ARCHIVE_CELLS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    an_end_takes_the_place_of_its_beginning, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_oldest_give_way, set_up,
		                                tear_down),
		cmocka_unit_test_setup_teardown(
		    what_a_dead_worker_had_open_ended_with_it, set_up,
		    tear_down),
		cmocka_unit_test(without_an_archive_nothing_is_kept),
		cmocka_unit_test_setup_teardown(
		    one_that_is_half_written_is_never_read, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
