/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Limits over all workers, also asked by two processes at once.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/shared.h"

#define TURNS 20000
#define NOW_MS 5000

static const struct remote one = { REMOTE_IPV4, { 127, 0, 0, 1 } };
static const struct remote other = { REMOTE_IPV4, { 127, 0, 0, 2 } };

struct fixture {
	struct shared *shared;
	struct shared_row *rows[2];
	uint64_t key;
};

static int set_up(void **state)
{
	static struct fixture f;

	f.shared = shared_create(2);
	assert_non_null(f.shared);
	f.rows[0] = shared_row(f.shared, shared_claim_row(f.shared));
	f.rows[1] = shared_row(f.shared, shared_claim_row(f.shared));
	f.key = shared_key(f.shared, SHARED_PLACE_IN_ROUTE, "/mqtt", &one);
	*state = &f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	shared_destroy(f->shared);
	return 0;
}

static void a_key_is_of_a_sort_a_scope_and_a_remote(void **state)
{
	struct fixture *f = *state;
	const struct shared *s = f->shared;
	const uint64_t keys[] = {
		f->key,
		shared_key(s, SHARED_PLACE_IN_ROUTE, "/mqtt", &other),
		shared_key(s, SHARED_PLACE_IN_ROUTE, "/mqtt", NULL),
		shared_key(s, SHARED_PLACE_IN_ROUTE, "/", &one),
		shared_key(s, SHARED_PLACE_AT_LISTENER, "/mqtt", &one),
		shared_key(s, SHARED_PACE_AT_LISTENER, "/mqtt", &one),
	};
	const size_t count = sizeof keys / sizeof keys[0];

	assert_int_equal(f->key,
	                 shared_key(s, SHARED_PLACE_IN_ROUTE, "/mqtt", &one));
	for (size_t i = 0; i < count; i++) {
		for (size_t k = 0; k < i; k++)
			assert_int_not_equal(keys[i], keys[k]);
	}
}

static enum shared_answer take(struct fixture *f, size_t row, uint64_t most)
{
	return shared_take_place(f->shared, f->rows[row], f->key, most);
}

static void places_are_those_of_all_workers(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(take(f, 0, 3), SHARED_GRANTED);
	assert_int_equal(take(f, 1, 3), SHARED_GRANTED);
	assert_int_equal(take(f, 1, 3), SHARED_GRANTED);
	assert_int_equal(take(f, 0, 3), SHARED_LIMIT_REACHED);
	assert_int_equal(take(f, 1, 3), SHARED_LIMIT_REACHED);
	assert_int_equal(shared_places(f->shared, f->key), 3);
	shared_give_place(f->rows[1], f->key);
	assert_int_equal(take(f, 0, 3), SHARED_GRANTED);
	assert_int_equal(take(f, 0, 3), SHARED_LIMIT_REACHED);
}

static void other_keys_have_places_of_their_own(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(take(f, 0, 1), SHARED_GRANTED);
	f->key = shared_key(f->shared, SHARED_PLACE_IN_ROUTE, "/mqtt", &other);
	assert_int_equal(take(f, 0, 1), SHARED_GRANTED);
}

static void places_of_a_dead_worker_are_free(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(take(f, 0, 2), SHARED_GRANTED);
	assert_int_equal(take(f, 1, 2), SHARED_GRANTED);
	shared_clear_row(f->rows[0]);
	assert_int_equal(shared_places(f->shared, f->key), 1);
	assert_int_equal(take(f, 1, 2), SHARED_GRANTED);
	assert_int_equal(take(f, 1, 2), SHARED_LIMIT_REACHED);
}

/* Runs `work` in two processes at once; true when both are content. */
static bool by_two(struct fixture *f, bool (*work)(struct fixture *, size_t row,
                                                   _Atomic int *inside))
{
	_Atomic int *inside = mmap(NULL, sizeof *inside, PROT_READ | PROT_WRITE,
	                           MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int status;

	assert_ptr_not_equal(inside, MAP_FAILED);
	pid_t pid = fork();

	if (pid == 0)
		_exit(work(f, 1, inside) ? 0 : 1);
	assert_true(pid > 0);
	bool is_good = work(f, 0, inside);

	assert_int_equal(waitpid(pid, &status, 0), pid);
	munmap(inside, sizeof *inside);
	return is_good && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static bool come_and_go(struct fixture *f, size_t row, _Atomic int *inside)
{
	bool is_alone = true;

	for (int i = 0; i < TURNS; i++) {
		if (take(f, row, 1) != SHARED_GRANTED)
			continue;
		is_alone &= atomic_fetch_add(inside, 1) == 0;
		atomic_fetch_sub(inside, 1);
		shared_give_place(f->rows[row], f->key);
	}
	return is_alone;
}

static void two_processes_never_have_the_last_place_both(void **state)
{
	struct fixture *f = *state;

	assert_true(by_two(f, come_and_go));
	assert_int_equal(shared_places(f->shared, f->key), 0);
}

static bool fill(struct fixture *f, size_t row, _Atomic int *inside)
{
	while (take(f, row, TURNS) == SHARED_GRANTED)
		atomic_fetch_add(inside, 1);
	return atomic_load(inside) <= TURNS;
}

static void two_processes_fill_all_places(void **state)
{
	struct fixture *f = *state;

	assert_true(by_two(f, fill));
	assert_int_equal(shared_places(f->shared, f->key), TURNS);
}

static void the_pace_is_one_for_all_and_each_remote_has_its_own(void **state)
{
	struct fixture *f = *state;
	struct shared *s = f->shared;
	uint64_t another =
	    shared_key(s, SHARED_PACE_AT_LISTENER, "a:1", &other);

	assert_true(shared_keeps_pace(s, f->key, NOW_MS, 2));
	assert_true(shared_keeps_pace(s, f->key, NOW_MS, 2));
	assert_false(shared_keeps_pace(s, f->key, NOW_MS, 2));
	assert_true(shared_keeps_pace(s, another, NOW_MS, 2));
	assert_true(shared_keeps_pace(s, f->key, NOW_MS + 500, 2));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_key_is_of_a_sort_a_scope_and_a_remote),
		TEST(places_are_those_of_all_workers),
		TEST(other_keys_have_places_of_their_own),
		TEST(places_of_a_dead_worker_are_free),
		TEST(two_processes_never_have_the_last_place_both),
		TEST(two_processes_fill_all_places),
		TEST(the_pace_is_one_for_all_and_each_remote_has_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
