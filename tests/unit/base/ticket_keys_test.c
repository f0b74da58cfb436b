/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/shared.h"
#include "base/ticket_keys.h"

#define DAY_MS UINT64_C(86400000)
#define START_MS UINT64_C(5000)
#define CHANGES 5000
#define READS 300000 /* with one processor changes are few */

static bool has_random = true;
static uint8_t octet;

/* All octets of a key are the same, and one more than those of the last. */
ssize_t __wrap_getrandom(void *buffer, size_t size, unsigned flags);

ssize_t __wrap_getrandom(void *buffer, size_t size, unsigned flags)
{
	(void)flags;
	if (!has_random) {
		errno = EIO;
		return -1;
	}
	memset(buffer, ++octet, size);
	return (ssize_t)size;
}

static struct ticket_key_pair read_pair(const struct ticket_keys *keys)
{
	struct ticket_key_pair pair;

	assert_true(ticket_keys_read(keys, &pair));
	return pair;
}

static bool is_same(const struct ticket_key *a, const struct ticket_key *b)
{
	return memcmp(a, b, sizeof *a) == 0;
}

static bool has_octets(const struct ticket_keys *keys,
                       const struct ticket_key *key)
{
	return memmem(keys, sizeof *keys, key, sizeof *key) != NULL;
}

static void there_is_none_before_they_begin(void **state)
{
	struct ticket_keys keys = { 0 };
	struct ticket_key_pair pair;

	(void)state;
	assert_false(ticket_keys_read(&keys, &pair));
	assert_true(ticket_keys_begin(&keys, START_MS));
	assert_false(read_pair(&keys).has_previous);
}

static void a_key_is_current_for_a_day(void **state)
{
	struct ticket_keys keys = { 0 };
	struct ticket_key_pair first;
	struct ticket_key_pair same;
	struct ticket_key_pair next;

	(void)state;
	assert_true(ticket_keys_begin(&keys, START_MS));
	first = read_pair(&keys);
	assert_false(ticket_keys_look(&keys, START_MS));
	assert_false(ticket_keys_look(&keys, START_MS + DAY_MS - 1));
	same = read_pair(&keys);
	assert_true(is_same(&same.current, &first.current));
	assert_true(ticket_keys_look(&keys, START_MS + DAY_MS));
	next = read_pair(&keys);
	assert_false(is_same(&next.current, &first.current));
}

static void the_day_of_the_next_begins_with_it(void **state)
{
	struct ticket_keys keys = { 0 };
	uint64_t late_ms = START_MS + 5 * DAY_MS;

	(void)state;
	assert_true(ticket_keys_begin(&keys, START_MS));
	assert_true(ticket_keys_look(&keys, late_ms));
	assert_false(ticket_keys_look(&keys, late_ms + DAY_MS - 1));
	assert_true(ticket_keys_look(&keys, late_ms + DAY_MS));
}

static void the_one_before_is_kept_for_a_day_and_no_older(void **state)
{
	struct ticket_keys keys = { 0 };
	struct ticket_key_pair before;

	(void)state;
	assert_true(ticket_keys_begin(&keys, START_MS));
	before = read_pair(&keys);
	for (uint64_t day = 1; day < 9; day++) {
		struct ticket_key_pair now;

		assert_true(ticket_keys_look(&keys, START_MS + day * DAY_MS));
		now = read_pair(&keys);
		assert_true(now.has_previous);
		assert_true(is_same(&now.previous, &before.current));
		assert_true(has_octets(&keys, &now.previous));
		if (before.has_previous)
			assert_false(has_octets(&keys, &before.previous));
		before = now;
	}
}

static void without_random_octets_all_stays(void **state)
{
	struct ticket_keys keys = { 0 };
	struct ticket_keys before;

	(void)state;
	assert_true(ticket_keys_begin(&keys, START_MS));
	before = keys;
	has_random = false;
	assert_false(ticket_keys_look(&keys, START_MS + DAY_MS));
	assert_memory_equal(&keys, &before, sizeof keys);
	has_random = true;
	assert_true(ticket_keys_look(&keys, START_MS + DAY_MS + 1));
}

static void nothing_is_left_when_they_are_wiped(void **state)
{
	struct ticket_keys keys = { 0 };
	const struct ticket_keys nothing = { 0 };

	(void)state;
	assert_true(ticket_keys_begin(&keys, START_MS));
	assert_true(ticket_keys_look(&keys, START_MS + DAY_MS));
	ticket_keys_wipe(&keys);
	assert_memory_equal(&keys, &nothing, sizeof keys);
}

/* It changes them without a pause until it is killed, or the test ends. */
static pid_t fork_writer(struct ticket_keys *keys)
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid > 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (uint64_t day = 1;; day++)
		ticket_keys_look(keys, START_MS + day * DAY_MS);
}

static uint8_t octet_of(const struct ticket_key *key)
{
	uint8_t octets[sizeof *key];

	memcpy(octets, key, sizeof octets);
	for (size_t i = 1; i < sizeof octets; i++)
		assert_int_equal(octets[i], octets[0]);
	return octets[0];
}

static void a_reader_never_sees_half_a_key(void **state)
{
	struct shared *shared = shared_create(1);
	struct ticket_keys *keys = shared_ticket_keys(shared);
	uint8_t last = 0;
	unsigned changes = 0;

	(void)state;
	assert_true(ticket_keys_begin(keys, START_MS));
	assert_true(ticket_keys_look(keys, START_MS + DAY_MS));

	pid_t writer = fork_writer(keys);

	for (size_t i = 0; i < READS && changes < CHANGES; i++) {
		struct ticket_key_pair pair = read_pair(keys);
		uint8_t current = octet_of(&pair.current);
		uint8_t previous = octet_of(&pair.previous);

		assert_int_equal((uint8_t)(previous + 1), current);
		changes += current != last;
		last = current;
	}
	kill(writer, SIGKILL);
	waitpid(writer, NULL, 0);
	shared_destroy(shared);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(there_is_none_before_they_begin),
		cmocka_unit_test(a_key_is_current_for_a_day),
		cmocka_unit_test(the_day_of_the_next_begins_with_it),
		cmocka_unit_test(the_one_before_is_kept_for_a_day_and_no_older),
		cmocka_unit_test(without_random_octets_all_stays),
		cmocka_unit_test(nothing_is_left_when_they_are_wiped),
		cmocka_unit_test(a_reader_never_sees_half_a_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
