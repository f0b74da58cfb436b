/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tls/host.h"

#define SLICE(text)                                                            \
	(struct slice)                                                         \
	{                                                                      \
		(const uint8_t *)(text), sizeof(text) - 1                      \
	}

static void the_asked_name_is_the_first_of_its_list(void **state)
{
	struct slice host;

	(void)state;
	assert_true(tls_host_asked(SLICE("\0\x06\0\0\x03"
	                                 "a.b"),
	                           &host));
	assert_true(slice_is(host, "a.b"));
	assert_true(tls_host_asked(SLICE("\0\x0a\0\0\x03"
	                                 "a.b\0\0\x01"
	                                 "c"),
	                           &host));
	assert_true(slice_is(host, "a.b"));
}

/* Each length one more than there is, or one less. */
static void a_malformed_list_asks_for_nobody(void **state)
{
	static const struct slice all[] = {
		{ NULL, 0 },
		{ (const uint8_t *)"\0", 1 },
		{ (const uint8_t *)"\0\0", 2 },
		{ (const uint8_t *)"\0\x07\0\0\x03"
		                   "a.b",
		  8 },
		{ (const uint8_t *)"\0\x05\0\0\x03"
		                   "a.b",
		  8 },
		{ (const uint8_t *)"\0\x06\0\0\x04"
		                   "a.b",
		  8 },
		{ (const uint8_t *)"\0\x06\x01\0\x03"
		                   "a.b",
		  8 },
		{ (const uint8_t *)"\0\x03\0\0\0", 5 },
		{ (const uint8_t *)"\0\x01\0", 3 },
	};
	struct slice host;

	(void)state;
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		assert_false(tls_host_asked(all[i], &host));
}

static void names_are_the_same_in_any_case(void **state)
{
	(void)state;
	assert_true(tls_host_same(SLICE("A.Test"), SLICE("a.tEST")));
	assert_false(tls_host_same(SLICE("a.test"), SLICE("a.tes")));
	assert_false(tls_host_same(SLICE("a[test"), SLICE("a{test")));
	assert_false(tls_host_same(SLICE("a.test"), SLICE("a.test.")));
}

static void a_star_stands_for_one_label(void **state)
{
	(void)state;
	assert_true(
	    tls_host_covers(SLICE("*.plant.test"), SLICE("A.Plant.Test")));
	assert_false(
	    tls_host_covers(SLICE("*.plant.test"), SLICE("plant.test")));
	assert_false(
	    tls_host_covers(SLICE("*.plant.test"), SLICE("a.b.plant.test")));
	assert_false(
	    tls_host_covers(SLICE("*.plant.test"), SLICE(".plant.test")));
	assert_false(
	    tls_host_covers(SLICE("a*.plant.test"), SLICE("ab.plant.test")));
	assert_false(tls_host_covers(SLICE("b.*.test"), SLICE("b.a.test")));
	assert_false(tls_host_covers(SLICE("*."), SLICE("a.")));
	assert_false(tls_host_covers(SLICE("*"), SLICE("a")));
	assert_false(tls_host_covers(SLICE("*.a"), (struct slice){ NULL, 0 }));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_asked_name_is_the_first_of_its_list),
		cmocka_unit_test(a_malformed_list_asks_for_nobody),
		cmocka_unit_test(names_are_the_same_in_any_case),
		cmocka_unit_test(a_star_stands_for_one_label),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
