/* SPDX-License-Identifier: Apache-2.0 */
#include "mqtt/utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))
#define TEXT(bytes)                                                            \
	{                                                                      \
		(const uint8_t *)(bytes), sizeof(bytes) - 1                    \
	}

struct sample {
	const char *what;
	struct slice text;
};

static const struct sample strings[] = {
	{ "empty", TEXT("") },
	{ "first printable to last", TEXT(" azAZ09~") },
	{ "first of two octets that is no control", TEXT("\xc2\xa0") },
	{ "last of two octets", TEXT("\xdf\xbf") },
	{ "first of three octets", TEXT("\xe0\xa0\x80") },
	{ "last before the surrogates", TEXT("\xed\x9f\xbf") },
	{ "first after the surrogates", TEXT("\xee\x80\x80") },
	{ "U+FDCF", TEXT("\xef\xb7\x8f") },
	{ "U+FDF0", TEXT("\xef\xb7\xb0") },
	{ "U+FEFF", TEXT("\xef\xbb\xbf") },
	{ "U+FFFD", TEXT("\xef\xbf\xbd") },
	{ "first of four octets", TEXT("\xf0\x90\x80\x80") },
	{ "U+1F600", TEXT("\xf0\x9f\x98\x80") },
	{ "U+10FFFD", TEXT("\xf4\x8f\xbf\xbd") },
};

/* Well formed, yet no string of MQTT. */
static const struct sample texts[] = {
	{ "U+0000", TEXT("a\0b") },
	{ "U+0001", TEXT("\x01") },
	{ "line feed", TEXT("a\nb") },
	{ "U+001F", TEXT("\x1f") },
	{ "U+007F", TEXT("\x7f") },
	{ "U+0080", TEXT("\xc2\x80") },
	{ "U+009F", TEXT("\xc2\x9f") },
	{ "U+FDD0", TEXT("\xef\xb7\x90") },
	{ "U+FDEF", TEXT("\xef\xb7\xaf") },
	{ "U+FFFE", TEXT("\xef\xbf\xbe") },
	{ "U+FFFF", TEXT("\xef\xbf\xbf") },
	{ "U+1FFFE", TEXT("\xf0\x9f\xbf\xbe") },
	{ "U+10FFFF", TEXT("\xf4\x8f\xbf\xbf") },
};

static const struct sample broken[] = {
	{ "continuation alone", TEXT("\x80") },
	{ "last continuation alone", TEXT("\xbf") },
	{ "two octets, cut", TEXT("a\xc3") },
	{ "three octets, cut after one", TEXT("\xe2") },
	{ "three octets, cut after two", TEXT("\xe2\x82") },
	{ "four octets, cut after three", TEXT("\xf0\x9f\x98") },
	{ "two octets without continuation", TEXT("\xc3(") },
	{ "three octets, third wrong", TEXT("\xe2\x82(") },
	{ "four octets, first of the next", TEXT("\xf0\x9f\x98\xc3") },
	{ "overlong NUL", TEXT("\xc0\x80") },
	{ "overlong slash", TEXT("\xc0\xaf") },
	{ "highest overlong of two", TEXT("\xc1\xbf") },
	{ "highest overlong of three", TEXT("\xe0\x9f\xbf") },
	{ "overlong slash of three", TEXT("\xe0\x80\xaf") },
	{ "highest overlong of four", TEXT("\xf0\x8f\xbf\xbf") },
	{ "first surrogate", TEXT("\xed\xa0\x80") },
	{ "last surrogate", TEXT("\xed\xbf\xbf") },
	{ "surrogate pair", TEXT("\xed\xa0\xbd\xed\xb8\x80") },
	{ "above U+10FFFF", TEXT("\xf4\x90\x80\x80") },
	{ "four octets, far above", TEXT("\xf7\xbf\xbf\xbf") },
	{ "five octets", TEXT("\xf8\x88\x80\x80\x80") },
	{ "six octets", TEXT("\xfc\x84\x80\x80\x80\x80") },
	{ "0xFE", TEXT("\xfe") },
	{ "0xFF", TEXT("\xff") },
	{ "good, then bad", TEXT("\xc3\xa4\xff") },
};

static void expect(const struct sample *sample, bool is_string,
                   bool is_well_formed)
{
	if (mqtt_utf8_is_string(sample->text) != is_string)
		fail_msg("as a string: %s", sample->what);
	if (mqtt_utf8_is_well_formed(sample->text) != is_well_formed)
		fail_msg("as a text: %s", sample->what);
}

static void strings_are_also_well_formed(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(strings); i++)
		expect(&strings[i], true, true);
}

static void controls_and_noncharacters_are_text_but_no_string(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(texts); i++)
		expect(&texts[i], false, true);
}

static void broken_utf8_is_neither(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(broken); i++)
		expect(&broken[i], false, false);
}

static void absent_bytes_are_an_empty_string(void **state)
{
	const struct slice none = { NULL, 0 };

	(void)state;
	assert_true(mqtt_utf8_is_string(none));
	assert_true(mqtt_utf8_is_well_formed(none));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(strings_are_also_well_formed),
		cmocka_unit_test(
		    controls_and_noncharacters_are_text_but_no_string),
		cmocka_unit_test(broken_utf8_is_neither),
		cmocka_unit_test(absent_bytes_are_an_empty_string),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
