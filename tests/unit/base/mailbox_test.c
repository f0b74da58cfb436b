/* SPDX-License-Identifier: Apache-2.0 */
#include "base/mailbox.h"

#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define POSTERS 2
#define LETTERS 5000 /* of each of them */

struct letter {
	struct mailbox_item item; /* first, so that it is found from there */
	unsigned number;
};

static void on_wake(void *owner)
{
	atomic_fetch_add((atomic_uint *)owner, 1);
}

static void post(struct mailbox *mailbox, struct letter *letter,
                 unsigned number)
{
	letter->number = number;
	mailbox_post(mailbox, &letter->item);
}

static unsigned number_of(const struct mailbox_item *item)
{
	return ((const struct letter *)(const void *)item)->number;
}

static void letters_come_out_in_the_order_they_were_posted(void **state)
{
	struct letter letters[3];
	struct mailbox mailbox;
	struct mailbox_item *item;
	atomic_uint wakes = 0;

	(void)state;
	assert_true(mailbox_init(&mailbox, on_wake, &wakes));
	for (unsigned i = 0; i < 3; i++)
		post(&mailbox, &letters[i], i);
	item = mailbox_take(&mailbox);
	for (unsigned i = 0; i < 3; i++, item = item->next) {
		assert_non_null(item);
		assert_int_equal(number_of(item), i);
	}
	assert_null(item);
	mailbox_finish(&mailbox);
}

static void what_was_taken_is_not_there_any_more(void **state)
{
	struct letter letter = { 0 };
	struct mailbox mailbox;
	atomic_uint wakes = 0;

	(void)state;
	assert_true(mailbox_init(&mailbox, on_wake, &wakes));
	assert_null(mailbox_take(&mailbox));
	post(&mailbox, &letter, 1);
	assert_ptr_equal(mailbox_take(&mailbox), &letter.item);
	assert_null(mailbox_take(&mailbox));
	mailbox_finish(&mailbox);
}

static void a_letter_forgets_what_it_stood_before(void **state)
{
	struct letter letters[2] = { 0 };
	struct mailbox mailbox;
	atomic_uint wakes = 0;

	(void)state;
	assert_true(mailbox_init(&mailbox, on_wake, &wakes));
	post(&mailbox, &letters[0], 0);
	post(&mailbox, &letters[1], 1);
	assert_non_null(mailbox_take(&mailbox));
	post(&mailbox, &letters[0], 0);
	assert_ptr_equal(mailbox_take(&mailbox), &letters[0].item);
	assert_null(letters[0].item.next);
	mailbox_finish(&mailbox);
}

static void it_wakes_only_when_there_was_nothing(void **state)
{
	struct letter letters[4];
	struct mailbox mailbox;
	atomic_uint wakes = 0;

	(void)state;
	assert_true(mailbox_init(&mailbox, on_wake, &wakes));
	assert_int_equal(wakes, 0);
	post(&mailbox, &letters[0], 0);
	assert_int_equal(wakes, 1);
	post(&mailbox, &letters[1], 1);
	post(&mailbox, &letters[2], 2);
	assert_int_equal(wakes, 1);
	assert_non_null(mailbox_take(&mailbox));
	assert_int_equal(wakes, 1);
	post(&mailbox, &letters[3], 3);
	assert_int_equal(wakes, 2);
	assert_non_null(mailbox_take(&mailbox));
	mailbox_finish(&mailbox);
}

struct poster {
	struct mailbox *mailbox;
	pthread_barrier_t *start;
	atomic_uint *at_work;
	struct letter letters[LETTERS];
};

static void *post_all(void *owner)
{
	struct poster *poster = owner;

	pthread_barrier_wait(poster->start);
	for (unsigned i = 0; i < LETTERS; i++)
		post(poster->mailbox, &poster->letters[i], i);
	atomic_fetch_sub(poster->at_work, 1);
	return NULL;
}

static bool is_of(const struct poster *poster, const struct mailbox_item *item)
{
	const struct letter *letter = (const void *)item;

	return letter >= poster->letters && letter < poster->letters + LETTERS;
}

/* Whether there was anything; `next` is the letter due from each poster. */
static bool take_all(struct mailbox *mailbox, const struct poster *posters,
                     unsigned *next)
{
	struct mailbox_item *first = mailbox_take(mailbox);

	for (struct mailbox_item *item = first; item; item = item->next) {
		unsigned from = is_of(&posters[0], item) ? 0 : 1;

		assert_true(is_of(&posters[from], item));
		assert_int_equal(number_of(item), next[from]);
		next[from]++;
	}
	return first != NULL;
}

/* The law of waking: once for each time that something was there. */
static void two_threads_post_and_none_is_lost(void **state)
{
	static struct poster posters[POSTERS];
	pthread_t threads[POSTERS];
	struct mailbox mailbox;
	unsigned next[POSTERS] = { 0 };
	unsigned takes = 0;
	atomic_uint wakes = 0;
	atomic_uint at_work = POSTERS;
	pthread_barrier_t start;

	(void)state;
	assert_int_equal(pthread_barrier_init(&start, NULL, POSTERS), 0);
	assert_true(mailbox_init(&mailbox, on_wake, &wakes));
	for (size_t i = 0; i < POSTERS; i++) {
		posters[i].mailbox = &mailbox;
		posters[i].start = &start;
		posters[i].at_work = &at_work;
		assert_int_equal(
		    pthread_create(&threads[i], NULL, post_all, &posters[i]),
		    0);
	}
	while (at_work > 0) {
		takes += take_all(&mailbox, posters, next);
		sched_yield();
	}
	for (size_t i = 0; i < POSTERS; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	takes += take_all(&mailbox, posters, next);
	for (size_t i = 0; i < POSTERS; i++)
		assert_int_equal(next[i], LETTERS);
	assert_int_equal(wakes, takes);
	mailbox_finish(&mailbox);
	pthread_barrier_destroy(&start);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    letters_come_out_in_the_order_they_were_posted),
		cmocka_unit_test(what_was_taken_is_not_there_any_more),
		cmocka_unit_test(a_letter_forgets_what_it_stood_before),
		cmocka_unit_test(it_wakes_only_when_there_was_nothing),
		cmocka_unit_test(two_threads_post_and_none_is_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
