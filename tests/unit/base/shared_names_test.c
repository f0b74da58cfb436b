/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/roll.h"
#include "base/shared.h"

static const struct shared_name mqtt = { SHARED_ROUTES, "/mqtt", NULL };
static const struct shared_name json = { SHARED_ROUTES, "/json", NULL };
static const struct shared_name first = { SHARED_SERVERS, "mqtt://a", "x" };
static const struct shared_name other = { SHARED_SERVERS, "mqtt://a", "y" };

static int set_up(void **state)
{
	*state = shared_create(1);
	return *state ? 0 : -1;
}

static int tear_down(void **state)
{
	shared_destroy(*state);
	return 0;
}

static void a_name_keeps_its_number_while_anybody_holds_it(void **state)
{
	struct shared *shared = *state;

	assert_true(shared_hold_name(shared, &mqtt));
	assert_true(shared_hold_name(shared, &json));
	size_t number = shared_route(shared, "/json");

	assert_int_not_equal(shared_route(shared, "/mqtt"), number);
	shared_count_denied(shared, number, DENIAL_PUBLISH);
	assert_true(shared_hold_name(shared, &json));
	shared_release_name(shared, &json);
	shared_release_name(shared, &mqtt);
	assert_int_equal(shared_route(shared, "/json"), number);
	assert_int_equal(shared_denied(shared, number, DENIAL_PUBLISH), 1);
}

static void a_number_that_is_used_again_counts_from_0(void **state)
{
	struct shared *shared = *state;

	assert_true(shared_hold_name(shared, &mqtt));
	shared_count_denied(shared, 0, DENIAL_WILL);
	shared_release_name(shared, &mqtt);
	assert_true(shared_hold_name(shared, &json));
	assert_int_equal(shared_route(shared, "/json"), 0);
	assert_int_equal(shared_denied(shared, 0, DENIAL_WILL), 0);
}

static void a_server_is_known_by_its_upstream_too(void **state)
{
	struct shared *shared = *state;

	assert_true(shared_hold_name(shared, &first));
	assert_true(shared_hold_name(shared, &other));
	size_t number = shared_server(shared, "y", "mqtt://a");

	shared_set_reach(shared, number, SHARED_REACH_UP);
	assert_int_equal(
	    shared_reach(shared, shared_server(shared, "x", "mqtt://a")),
	    SHARED_REACH_UNKNOWN);
	assert_int_equal(shared_reach(shared, number), SHARED_REACH_UP);
}

static void there_is_an_end_of_names(void **state)
{
	struct shared *shared = *state;
	char text[16];

	for (int i = 0; i < ROLL_NAMES; i++) {
		snprintf(text, sizeof text, "/%d", i);
		assert_true(shared_hold_name(
		    shared,
		    &(struct shared_name){ SHARED_ROUTES, text, NULL }));
	}
	assert_false(shared_hold_name(shared, &mqtt));
	assert_true(shared_hold_name(shared, &first));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_name_keeps_its_number_while_anybody_holds_it),
		TEST(a_number_that_is_used_again_counts_from_0),
		TEST(a_server_is_known_by_its_upstream_too),
		TEST(there_is_an_end_of_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
