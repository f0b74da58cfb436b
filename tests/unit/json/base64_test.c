/* SPDX-License-Identifier: Apache-2.0 */
#include "json/base64.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "frame.h"

static const struct {
	const char *octets;
	const char *text;
} rows[] = {
	/* [RFC 4648 10] */
	{ "", "" },
	{ "f", "Zg==" },
	{ "fo", "Zm8=" },
	{ "foo", "Zm9v" },
	{ "foob", "Zm9vYg==" },
	{ "fooba", "Zm9vYmE=" },
	{ "foobar", "Zm9vYmFy" },
	{ "\xff\xfe\xfd", "//79" },
	{ "\xfb\xef\xbe", "++++" },
};

static void it_is_written_as_the_standard_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(rows); i++) {
		uint8_t place[16];
		size_t len = json_base64_length(strlen(rows[i].octets));

		json_base64_write(place, slice_from_text(rows[i].octets));
		assert_octets((struct slice){ place, len }, rows[i].text,
		              strlen(rows[i].text));
	}
}

static bool reads(const char *text, struct slice *octets)
{
	static uint8_t place[64];
	size_t text_len = strlen(text);

	memcpy(place, text, text_len);
	octets->data = place;
	return json_base64_read(place, text_len, &octets->len);
}

static void it_is_read_as_it_was_written(void **state)
{
	struct slice octets;

	(void)state;
	for (size_t i = 0; i < LENGTH(rows); i++) {
		assert_true(reads(rows[i].text, &octets));
		assert_slice(octets, rows[i].octets);
	}
}

static void what_is_not_strict_is_not_read(void **state)
{
	static const char *const texts[] = {
		"Z",    "Zg",    "Zg=",      "Zg===",      "Z===",     "====",
		"=Zg=", "Zg =",  " Zg=",     "Zm9v\n",     "Zm9v    ", "Zh==",
		"Zm9=", "Zm-_",  "Zg==Zg==", "Zm\xc3\xa4", "Zg==Zm9v", "=",
		"==",   "Zm9v=", "Zm9v====", "Z=g=",
	};
	struct slice octets;

	(void)state;
	for (size_t i = 0; i < LENGTH(texts); i++)
		assert_false(reads(texts[i], &octets));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_written_as_the_standard_says),
		cmocka_unit_test(it_is_read_as_it_was_written),
		cmocka_unit_test(what_is_not_strict_is_not_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
