/* SPDX-License-Identifier: Apache-2.0 */
#include "config/nearest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "config/schema.h"

static const struct schema *inner(const char *name)
{
	return schema_find(&schema_root, name)->inner;
}

static void distance_counts_letters_put_in_taken_out_changed(void **state)
{
	(void)state;
	assert_int_equal(nearest_distance("", ""), 0);
	assert_int_equal(nearest_distance("", "abc"), 3);
	assert_int_equal(nearest_distance("abc", ""), 3);
	assert_int_equal(nearest_distance("ping_s", "pingg_s"), 1);
	assert_int_equal(nearest_distance("ping_s", "png_s"), 1);
	assert_int_equal(nearest_distance("ping_s", "pong_s"), 1);
	assert_int_equal(nearest_distance("kitten", "sitting"), 3);
}

static void swapped_neighbours_count_once(void **state)
{
	(void)state;
	assert_int_equal(nearest_distance("port", "prot"), 1);
	assert_int_equal(nearest_distance("ab", "ba"), 1);
}

static void endless_names_are_like_nothing(void **state)
{
	char name[1000];

	(void)state;
	memset(name, 'a', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	assert_true(nearest_distance(name, "port") == (size_t)-1);
	assert_true(nearest_distance("port", name) == (size_t)-1);
	assert_null(nearest_name(&schema_root, name));
}

static void name_is_looked_for_in_its_own_group(void **state)
{
	(void)state;
	assert_string_equal(nearest_name(inner("routes"), "pingg_s"), "ping_s");
	assert_string_equal(nearest_name(inner("routes"), "Origins"),
	                    "origins");
	assert_string_equal(nearest_name(inner("listeners"), "prot"), "port");
	assert_string_equal(nearest_name(&schema_root, "listener"),
	                    "listeners");
	assert_null(nearest_name(inner("log"), "pingg_s"));
}

static void beginning_of_a_name_is_close_to_it(void **state)
{
	(void)state;
	assert_string_equal(nearest_name(inner("listeners"), "header_timeout"),
	                    "header_timeout_ms");
	assert_string_equal(nearest_name(inner("routes"), "sub"),
	                    "subprotocols");
}

static void wholly_different_name_has_no_nearest(void **state)
{
	(void)state;
	assert_null(nearest_name(&schema_root, "colour"));
	assert_null(nearest_name(inner("routes"), "colour"));
	assert_null(nearest_name(inner("routes"), "x"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    distance_counts_letters_put_in_taken_out_changed),
		cmocka_unit_test(swapped_neighbours_count_once),
		cmocka_unit_test(endless_names_are_like_nothing),
		cmocka_unit_test(name_is_looked_for_in_its_own_group),
		cmocka_unit_test(beginning_of_a_name_is_close_to_it),
		cmocka_unit_test(wholly_different_name_has_no_nearest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
