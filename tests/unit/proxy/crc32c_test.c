/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "proxy/crc32c.h"

/* [RFC 3720 B.4] */
static void sums_are_those_of_the_standard(void **state)
{
	uint8_t octets[32] = { 0 };
	struct slice all = { octets, sizeof octets };

	(void)state;
	assert_int_equal(crc32c(0, all), 0x8a9136aau);
	for (size_t i = 0; i < sizeof octets; i++)
		octets[i] = 0xff;
	assert_int_equal(crc32c(0, all), 0x62a8ab43u);
	for (size_t i = 0; i < sizeof octets; i++)
		octets[i] = (uint8_t)i;
	assert_int_equal(crc32c(0, all), 0x46dd794eu);
}

static void a_sum_goes_on(void **state)
{
	uint32_t crc = crc32c(0, slice_from_text("12345"));

	(void)state;
	assert_int_equal(crc32c(crc, slice_from_text("6789")), 0xe3069283u);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sums_are_those_of_the_standard),
		cmocka_unit_test(a_sum_goes_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
