/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/log.h"
#include "base/shared.h"
#include "base/turn.h"

#define START_MS 1000000
#define QUEUE_MS 1000
#define MOST_MS 3000
#define CROWD 2000
#define SECONDS 20

static int set_up(void **state)
{
	log_set(LOG_LEVEL_ERROR, false);
	*state = shared_create(1);
	return *state ? 0 : -1;
}

static int tear_down(void **state)
{
	shared_destroy(*state);
	return 0;
}

static struct turn_queue queue_of(void **state, uint32_t per_s)
{
	return (struct turn_queue){ *state, "plant", per_s };
}

/* Who waits to connect; begun_ms is 0 until he does. */
struct waiting {
	uint64_t ask_ms;
	uint64_t turn_ms;
	uint64_t begun_ms;
};

static void ask(const struct turn_queue *queue, struct waiting *one,
                uint64_t now_ms)
{
	uint64_t wait_ms = turn_wait_ms(queue, now_ms, &one->turn_ms);

	if (wait_ms == 0)
		one->begun_ms = now_ms;
	else
		one->ask_ms =
		    wait_ms == TURN_NEVER ? TURN_NEVER : now_ms + wait_ms;
}

/*
 * A crowd that comes at once and asks again when it is told to, by a loop
 * that turns every `turn_ms` only. Gives how many have begun.
 */
static size_t run(const struct turn_queue *queue, struct waiting *crowd,
                  size_t count, uint64_t loop_ms)
{
	size_t begun = 0;

	for (uint64_t ms = 0; ms < SECONDS * 1000; ms += loop_ms) {
		for (size_t i = 0; i < count; i++) {
			struct waiting *one = &crowd[i];

			if (one->begun_ms == 0 && one->ask_ms <= START_MS + ms)
				ask(queue, one, START_MS + ms);
		}
	}
	for (size_t i = 0; i < count; i++)
		begun += crowd[i].begun_ms != 0;
	return begun;
}

static size_t most_in_a_second(const struct waiting *crowd, size_t count)
{
	static uint32_t begun[SECONDS * 1000 + 1];
	size_t sum = 0;
	size_t most = 0;

	for (size_t i = 0; i <= SECONDS * 1000; i++)
		begun[i] = 0;
	for (size_t i = 0; i < count; i++) {
		if (crowd[i].begun_ms != 0)
			begun[crowd[i].begun_ms - START_MS]++;
	}
	for (size_t i = 0; i <= SECONDS * 1000; i++) {
		sum += begun[i];
		if (i >= 1000)
			sum -= begun[i - 1000];
		if (sum > most)
			most = sum;
	}
	return most;
}

static void nobody_waits_where_there_is_no_bound(void **state)
{
	const struct turn_queue queue = queue_of(state, 0);
	uint64_t wait_ms;
	uint64_t turn_ms = 0;

	for (int i = 0; i < CROWD; i++) {
		assert_true(turn_reserve(&queue, START_MS, &wait_ms));
		assert_int_equal(wait_ms, 0);
		assert_int_equal(turn_wait_ms(&queue, START_MS, &turn_ms), 0);
	}
}

static void who_comes_alone_does_not_wait(void **state)
{
	const struct turn_queue queue = queue_of(state, 1);

	for (uint64_t ms = 0; ms < 60000; ms += 1200) {
		uint64_t turn_ms = 0;

		assert_int_equal(turn_wait_ms(&queue, START_MS + ms, &turn_ms),
		                 0);
	}
}

static void the_door_lets_a_second_s_worth_in_and_tells_the_rest(void **state)
{
	const struct turn_queue queue = queue_of(state, 200);
	uint64_t last_ms = 0;
	uint64_t wait_ms;
	unsigned in = 0;

	while (in < CROWD && turn_reserve(&queue, START_MS, &wait_ms)) {
		assert_in_range(wait_ms, last_ms, QUEUE_MS);
		last_ms = wait_ms;
		in++;
	}
	assert_in_range(in, 180, 200);
	assert_in_range(wait_ms, QUEUE_MS + 1, QUEUE_MS + 10);
	for (int i = 0; i < CROWD; i++)
		assert_false(turn_reserve(&queue, START_MS, &wait_ms));
	assert_true(turn_reserve(&queue, START_MS + wait_ms, &wait_ms));
}

static void no_second_has_more_than_the_bound(void **state)
{
	const uint32_t bounds[] = { 1, 2, 7, 20, 50, 200, 1000 };
	static const uint64_t loops_ms[] = { 1, 10, 70, 400 };

	for (size_t i = 0; i < sizeof bounds / sizeof bounds[0]; i++) {
		for (size_t k = 0; k < sizeof loops_ms / sizeof loops_ms[0];
		     k++) {
			static struct waiting crowd[CROWD];
			struct shared *shared = shared_create(1);
			struct turn_queue queue = { shared, "plant",
				                    bounds[i] };

			for (size_t n = 0; n < CROWD; n++)
				crowd[n] = (struct waiting){ 0 };
			assert_true(run(&queue, crowd, CROWD, loops_ms[k]) > 0);
			assert_in_range(most_in_a_second(crowd, CROWD), 1,
			                bounds[i]);
			shared_destroy(shared);
		}
	}
	(void)state;
}

static void those_who_are_in_all_get_their_turn(void **state)
{
	static struct waiting crowd[CROWD];
	const struct turn_queue queue = queue_of(state, 200);
	size_t in = 0;
	uint64_t wait_ms;

	while (in < CROWD && turn_reserve(&queue, START_MS, &wait_ms)) {
		crowd[in].ask_ms = START_MS;
		crowd[in++].turn_ms = START_MS + wait_ms;
	}
	assert_int_equal(run(&queue, crowd, in, 5), in);
	for (size_t i = 0; i < in; i++) {
		assert_true(crowd[i].begun_ms >= crowd[i].turn_ms);
		assert_in_range(crowd[i].begun_ms - START_MS, 0,
		                QUEUE_MS + 100);
	}
}

static void a_loop_that_is_late_still_lets_all_of_them_begin(void **state)
{
	static struct waiting crowd[CROWD];
	const struct turn_queue queue = queue_of(state, 200);
	size_t in = 0;
	uint64_t wait_ms;

	while (in < CROWD && turn_reserve(&queue, START_MS, &wait_ms)) {
		crowd[in].ask_ms = START_MS;
		crowd[in++].turn_ms = START_MS + wait_ms;
	}
	assert_int_equal(run(&queue, crowd, in, 200), in);
}

static void a_turn_that_has_long_passed_is_worth_nothing(void **state)
{
	const struct turn_queue queue = queue_of(state, 10);
	uint64_t wait_ms;
	uint64_t turn_ms;

	assert_true(turn_reserve(&queue, START_MS, &wait_ms));
	turn_ms = START_MS + wait_ms;
	for (int i = 0; i < 5; i++)
		assert_true(turn_reserve(&queue, START_MS + 5000, &wait_ms));
	assert_in_range(turn_wait_ms(&queue, START_MS + 5000, &turn_ms), 500,
	                600);
	assert_in_range(turn_ms, START_MS + 5500, START_MS + 5600);
}

static void a_queue_that_is_too_long_is_joined_by_nobody(void **state)
{
	const struct turn_queue queue = queue_of(state, 10);
	uint64_t wait_ms = 0;
	int in = 0;

	while (in < CROWD) {
		uint64_t turn_ms = 0;

		wait_ms = turn_wait_ms(&queue, START_MS, &turn_ms);
		if (wait_ms == TURN_NEVER)
			break;
		assert_in_range(wait_ms, 0, MOST_MS);
		in++;
	}
	assert_in_range(in, 27, 30);
}

static void who_leaves_makes_room_for_the_next(void **state)
{
	const struct turn_queue queue = queue_of(state, 100);
	uint64_t wait_ms;

	while (turn_reserve(&queue, START_MS, &wait_ms))
		;
	for (int i = 0; i < 30; i++)
		turn_give_back(&queue);
	for (int i = 0; i < 30; i++)
		assert_true(turn_reserve(&queue, START_MS, &wait_ms));
	assert_false(turn_reserve(&queue, START_MS, &wait_ms));
}

static void upstreams_have_queues_of_their_own(void **state)
{
	const struct turn_queue plant = queue_of(state, 10);
	const struct turn_queue tree = { *state, "tree", 10 };
	uint64_t wait_ms;

	for (int i = 0; i < CROWD; i++)
		(void)!turn_reserve(&plant, START_MS, &wait_ms);
	assert_false(turn_reserve(&plant, START_MS, &wait_ms));
	assert_true(turn_reserve(&tree, START_MS, &wait_ms));
	assert_int_equal(wait_ms, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nobody_waits_where_there_is_no_bound),
		TEST(who_comes_alone_does_not_wait),
		TEST(the_door_lets_a_second_s_worth_in_and_tells_the_rest),
		TEST(no_second_has_more_than_the_bound),
		TEST(those_who_are_in_all_get_their_turn),
		TEST(a_loop_that_is_late_still_lets_all_of_them_begin),
		TEST(a_turn_that_has_long_passed_is_worth_nothing),
		TEST(a_queue_that_is_too_long_is_joined_by_nobody),
		TEST(who_leaves_makes_room_for_the_next),
		TEST(upstreams_have_queues_of_their_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
