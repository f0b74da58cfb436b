/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/hash.h"

#define OCTETS 15

/* The key is 00 01 .. 0f, the text its beginning: the paper's example. */
static const struct hash_seed seed = { { UINT64_C(0x0706050403020100),
	                                 UINT64_C(0x0f0e0d0c0b0a0908) } };

static void the_example_of_the_paper_comes_out(void **state)
{
	uint8_t text[OCTETS];

	(void)state;
	for (uint8_t i = 0; i < OCTETS; i++)
		text[i] = i;
	assert_int_equal(hash_slice(&seed, (struct slice){ text, OCTETS }),
	                 UINT64_C(0xa129ca6149be45e5));
	assert_int_equal(hash_slice(&seed, (struct slice){ text, 8 }),
	                 UINT64_C(0x93f5f5799a932462));
	assert_int_equal(hash_slice(&seed, (struct slice){ NULL, 0 }),
	                 UINT64_C(0x726fdb47dd0e0e31));
}

static void another_seed_gives_another_number(void **state)
{
	struct slice text = slice_from_text("127.0.0.1");
	struct hash_seed one;
	struct hash_seed other;

	(void)state;
	assert_true(hash_seed_init(&one));
	assert_true(hash_seed_init(&other));
	assert_int_not_equal(hash_slice(&one, text), hash_slice(&other, text));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_example_of_the_paper_comes_out),
		cmocka_unit_test(another_seed_gives_another_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
