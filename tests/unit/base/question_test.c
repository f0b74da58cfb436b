/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/question.h"

static bool is_about(const char *text, const char *local)
{
	struct record record = {
		.texts = { [RECORD_ID] = "w1-1", [RECORD_LOCAL] = local }
	};
	struct question question;

	assert_true(question_read(text, &question));
	return question_is_about(&question, &record);
}

static void a_port_finds_it_at_every_address(void **state)
{
	(void)state;
	assert_true(is_about("54321", "127.0.0.1:54321"));
	assert_true(is_about("54321", "[::1]:54321"));
	assert_false(is_about("54321", "127.0.0.1:54320"));
	assert_false(is_about("4321", "127.0.0.1:54321"));
	assert_false(is_about("54321", "unix:"));
	assert_false(is_about("54321", "-"));
}

static void an_address_narrows_it(void **state)
{
	(void)state;
	assert_true(is_about("127.0.0.1:54321", "127.0.0.1:54321"));
	assert_false(is_about("127.0.0.2:54321", "127.0.0.1:54321"));
	assert_false(is_about("127.0.0.1:54321", "[::1]:54321"));
}

static void an_ipv6_address_is_written_in_many_ways(void **state)
{
	(void)state;
	assert_true(is_about("[::1]:123", "[::1]:123"));
	assert_true(is_about("::1:123", "[::1]:123"));
	assert_true(is_about("[0:0::1]:123", "[::1]:123"));
	assert_true(is_about("[2001:DB8::7]:123", "[2001:db8::7]:123"));
	assert_true(is_about("::ffff:127.0.0.1:123", "127.0.0.1:123"));
	assert_false(is_about("[::2]:123", "[::1]:123"));
}

static void a_session_is_found_by_its_whole_id(void **state)
{
	struct record record = {
		.texts = { [RECORD_ID] = "w17-41", [RECORD_LOCAL] = "unix:" }
	};
	struct question question;

	(void)state;
	assert_true(question_read("w17-41", &question));
	assert_true(question_is_about(&question, &record));
	record.texts[RECORD_ID] = "w17-411";
	assert_false(question_is_about(&question, &record));
}

static void nothing_else_is_a_question(void **state)
{
	static const char *const texts[] = {
		"",
		"0",
		"65536",
		"123456",
		"12a",
		"-1",
		"+5",
		" 5",
		"127.0.0.1",
		"127.0.0.1:",
		"127.0.0.1:0",
		"127.0.0:1",
		"localhost:1",
		":1",
		"[]:1",
		"[:1",
		"[127.0.0.1:1",
		"[::1:1",
		"::1]:1",
		"w",
		"w-",
		"w1",
		"w1-",
		"w-1",
		"w1-1 ",
		"w1-1-1",
		"x1-1",
		"w1-11111111111111111111111111111111111",
		"[1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb]:1",
	};
	struct question question = { .port = 7 };

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		assert_false(question_read(texts[i], &question));
	assert_int_equal(question.port, 7);
}

static bool lived_at(uint64_t since_ms, uint64_t until_ms, uint64_t at_s)
{
	struct record record = {
		.since_ms = since_ms,
		.until_ms = until_ms,
		.texts = { [RECORD_ID] = "w1-1", [RECORD_LOCAL] = "1.2.3.4:5" }
	};
	struct question question;

	assert_true(question_read("5", &question));
	question.at_s = at_s;
	return question_is_about(&question, &record);
}

static void it_lived_from_its_beginning_to_its_end(void **state)
{
	(void)state;
	assert_true(lived_at(100000, 200000, 150));
	assert_false(lived_at(100000, 200000, 90));
	assert_false(lived_at(100000, 200000, 210));
	assert_true(lived_at(100000, 0, 4000000000));
	assert_false(lived_at(100000, 0, 50));
}

static void two_seconds_are_nothing_between_two_clocks(void **state)
{
	(void)state;
	assert_true(lived_at(100000, 200000, 98));
	assert_false(lived_at(100000, 200000, 97));
	assert_true(lived_at(100000, 200000, 202));
	assert_false(lived_at(100000, 200000, 203));
	assert_true(lived_at(100000, 100000, 100));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_port_finds_it_at_every_address),
		cmocka_unit_test(an_address_narrows_it),
		cmocka_unit_test(an_ipv6_address_is_written_in_many_ways),
		cmocka_unit_test(a_session_is_found_by_its_whole_id),
		cmocka_unit_test(nothing_else_is_a_question),
		cmocka_unit_test(it_lived_from_its_beginning_to_its_end),
		cmocka_unit_test(two_seconds_are_nothing_between_two_clocks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
