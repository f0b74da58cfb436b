/* SPDX-License-Identifier: Apache-2.0 */
#include "doctor/advice.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "base/close.h"

static const struct advice_names names = {
	.origin = "http://a.test",
	.path = "/mqtt",
	.host = "b.test:8083",
	.site = "http://b.test:8083",
	.topic = "try\"\x1b",
};

static void names_are_filled_in_quoted(void **state)
{
	(void)state;
	assert_string_equal(advice_write("at {path}", &names).text,
	                    "at \"/mqtt\"");
	assert_string_equal(advice_write("{origin}{host}", &names).text,
	                    "\"http://a.test\"\"b.test:8083\"");
	assert_string_equal(advice_write("{site}, {topic}.", &names).text,
	                    "\"http://b.test:8083\", \"try\\\"\\x1b\".");
}

static void other_braces_stay_as_they_are(void **state)
{
	(void)state;
	assert_string_equal(advice_write("{}{x}{path", &names).text,
	                    "{}{x}{path");
	assert_string_equal(advice_write("", &names).text, "");
}

static void what_is_too_long_is_cut(void **state)
{
	char text[2 * ADVICE_BYTES];

	(void)state;
	memset(text, 'x', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	assert_int_equal(strlen(advice_write(text, &names).text),
	                 ADVICE_BYTES - 1);
}

/* The statuses that close.h has are those of a postern. */
static void every_refusal_has_advice_of_its_own(void **state)
{
	const struct advice *unknown = advice_status(599, true);

	(void)state;
	for (size_t i = 0; i < CLOSE_REASONS; i++) {
		const struct close_answer *answer =
		    close_answer((enum close_reason)i);

		if (answer->http == 0)
			continue;
		assert_ptr_not_equal(advice_status(answer->http, true),
		                     unknown);
	}
}

static void the_body_tells_a_postern_from_others(void **state)
{
	(void)state;
	assert_true(advice_is_postern(403, slice_from_text("Forbidden.\n")));
	assert_false(advice_is_postern(403, slice_from_text("Forbidden.")));
	assert_false(advice_is_postern(404, slice_from_text("Forbidden.\n")));
	assert_false(advice_is_postern(502, slice_from_text("")));
	assert_ptr_not_equal(advice_status(403, true),
	                     advice_status(403, false));
}

static void codes_of_old_versions_are_those_of_mqtt_5(void **state)
{
	(void)state;
	assert_int_equal(advice_code5(4, 1), 0x84);
	assert_int_equal(advice_code5(4, 2), 0x85);
	assert_int_equal(advice_code5(4, 3), 0x88);
	assert_int_equal(advice_code5(4, 4), 0x86);
	assert_int_equal(advice_code5(4, 5), 0x87);
	assert_int_equal(advice_code5(4, 6), 6);
	assert_int_equal(advice_code5(5, 0x88), 0x88);
}

static void the_word_of_a_close_frame_counts_before_its_code(void **state)
{
	const struct advice *drain = advice_close(1001, "drain");

	(void)state;
	assert_non_null(strstr(drain->means, "about to stop"));
	assert_ptr_not_equal(advice_close(1001, ""), drain);
	assert_ptr_not_equal(advice_close(1001, ""), advice_close(1006, ""));
	assert_ptr_equal(advice_close(1006, "nonsense"),
	                 advice_close(4999, ""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_filled_in_quoted),
		cmocka_unit_test(other_braces_stay_as_they_are),
		cmocka_unit_test(what_is_too_long_is_cut),
		cmocka_unit_test(every_refusal_has_advice_of_its_own),
		cmocka_unit_test(the_body_tells_a_postern_from_others),
		cmocka_unit_test(codes_of_old_versions_are_those_of_mqtt_5),
		cmocka_unit_test(
		    the_word_of_a_close_frame_counts_before_its_code),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
