/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/archive.h"
#include "control/who.h"

#define NOW_MS UINT64_C(1795860000000) /* 2026-11-28T10:00:00Z */
#define MINUTE_MS 60000u

static const struct record usual = {
	.sort = RECORD_SESSION,
	.worker = 17,
	.since_ms = NOW_MS - 10 * MINUTE_MS,
	.until_ms = NOW_MS - 8 * MINUTE_MS,
	.reason = CLOSE_BROWSER_CLOSED,
	.texts = {
		[RECORD_ID] = "w17-41",
		[RECORD_USER] = "web",
		[RECORD_FROM] = "192.0.2.7:50514",
		[RECORD_ORIGIN] = "https://dash.example.com",
		[RECORD_ROUTE] = "/mqtt",
		[RECORD_LISTENER] = "0.0.0.0:8084",
		[RECORD_TLS] = "TLSv1.3",
		[RECORD_CLIENT_ID] = "mqttjs \xc3\xa4\n",
		[RECORD_UPSTREAM] = "127.0.0.1:1883",
		[RECORD_LOCAL] = "127.0.0.1:49054",
	},
};

static struct who *ask(const char *arguments)
{
	struct who_request request;
	struct who *who;
	const char *why;

	setenv("TZ", "UTC", 1);
	assert_true(who_request_read(arguments, &request, &why));
	who = who_create(&request, NOW_MS);
	assert_non_null(who);
	return who;
}

static void add(struct who *who, const struct record *record)
{
	struct record_packed packed;

	record_pack(record, &packed);
	who_add(who, &packed);
}

/* What is answered, to be freed. */
static char *answer(struct who *who, int expected_code)
{
	int code;
	char *text = who_text(who, &code);

	assert_non_null(text);
	assert_int_equal(code, expected_code);
	who_destroy(who);
	return text;
}

static void expect(struct who *who, int code, const char *expected)
{
	char *text = answer(who, code);

	assert_string_equal(text, expected);
	free(text);
}

static size_t count_of(const char *text, const char *word)
{
	size_t count = 0;

	while ((text = strstr(text, word))) {
		count++;
		text++;
	}
	return count;
}

static void it_is_told_in_the_words_of_the_log(void **state)
{
	struct who *who = ask("49054");

	(void)state;
	add(who, &usual);
	expect(who, 0,
	       "session w17-41\n"
	       "  user       web\n"
	       "  from       192.0.2.7:50514\n"
	       "  origin     https://dash.example.com\n"
	       "  route      /mqtt\n"
	       "  listener   0.0.0.0:8084\n"
	       "  tls        TLSv1.3\n"
	       "  client_id  mqttjs \\xc3\\xa4\\x0a\n"
	       "  upstream   127.0.0.1:1883\n"
	       "  local      127.0.0.1:49054\n"
	       "  since      2026-11-28T09:50:00+00:00 (1795859400)\n"
	       "  until      2026-11-28T09:52:00+00:00 (1795859520)\n"
	       "  reason     browser_closed\n");
}

static void the_probe_is_told_as_what_it_is(void **state)
{
	struct record probe = {
		.sort = RECORD_PROBE,
		.worker = 3,
		.since_ms = NOW_MS,
		.texts = { [RECORD_ID] = "w3-probe",
		           [RECORD_CLIENT_ID] = "postern-probe-1f",
		           [RECORD_UPSTREAM] = "[::1]:1883",
		           [RECORD_LOCAL] = "[::1]:123" },
	};
	struct who *who = ask("[::1]:123");

	(void)state;
	add(who, &probe);
	expect(who, 0,
	       "the gateway's own look at the broker\n"
	       "  client_id  postern-probe-1f\n"
	       "  upstream   [::1]:1883\n"
	       "  local      [::1]:123\n"
	       "  since      2026-11-28T10:00:00+00:00 (1795860000)\n"
	       "  until      is open\n");
}

static void programs_get_json(void **state)
{
	struct record open = usual;
	struct who *who = ask("json w17-41");

	(void)state;
	add(who, &usual);
	open.since_ms = NOW_MS;
	open.until_ms = 0;
	open.texts[RECORD_USER] = NULL;
	open.texts[RECORD_CLIENT_ID] = "\xff\"";
	add(who, &open);
	expect(who, 0,
	       "{\"found\":[{\"is_probe\":false,\"session\":\"w17-41\","
	       "\"user\":null,\"from\":\"192.0.2.7:50514\","
	       "\"origin\":\"https://dash.example.com\",\"route\":\"/mqtt\","
	       "\"listener\":\"0.0.0.0:8084\",\"tls\":\"TLSv1.3\","
	       "\"client_id\":\"\\\\xff\\\"\",\"upstream\":\"127.0.0.1:1883\","
	       "\"local\":\"127.0.0.1:49054\",\"since_ms\":1795860000000,"
	       "\"until_ms\":null,\"reason\":null},"
	       "{\"is_probe\":false,\"session\":\"w17-41\","
	       "\"user\":\"web\",\"from\":\"192.0.2.7:50514\","
	       "\"origin\":\"https://dash.example.com\",\"route\":\"/mqtt\","
	       "\"listener\":\"0.0.0.0:8084\",\"tls\":\"TLSv1.3\","
	       "\"client_id\":\"mqttjs \xc3\xa4\\n\","
	       "\"upstream\":\"127.0.0.1:1883\","
	       "\"local\":\"127.0.0.1:49054\",\"since_ms\":1795859400000,"
	       "\"until_ms\":1795859520000,\"reason\":\"browser_closed\"}],"
	       "\"before\":0}\n");
}

static void nobody_is_told_with_what_is_known(void **state)
{
	struct who *who = ask("127.0.0.1:49055 at 1795859400");

	(void)state;
	add(who, &usual);
	expect(who, 1,
	       "no session had port 49055 of 127.0.0.1 at the broker at "
	       "2026-11-28T09:50:00+00:00. Known are connections that are "
	       "open, and "
	       "of the last 16384 those that ended within an hour.\n");
	expect(ask("w9-9"), 1,
	       "session w9-9 had no connection to the broker. Known are "
	       "connections "
	       "that are open, and of the last 16384 those that ended within "
	       "an hour.\n");
}

static void the_newest_comes_first(void **state)
{
	struct record record = usual;
	struct who *who = ask("49054");
	char *text;

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		static const char *const ids[] = { "w1-2", "w1-3", "w1-1" };
		static const unsigned minutes[] = { 20, 10, 30 };

		record.texts[RECORD_ID] = ids[i];
		record.since_ms = NOW_MS - minutes[i] * MINUTE_MS;
		add(who, &record);
	}
	text = answer(who, 0);
	assert_true(strstr(text, "w1-3") < strstr(text, "w1-2"));
	assert_true(strstr(text, "w1-2") < strstr(text, "w1-1"));
	free(text);
}

static void a_connection_is_told_once_and_its_end_counts(void **state)
{
	struct record open = usual;
	struct who *who = ask("49054");
	char *text;

	(void)state;
	open.until_ms = 0;
	add(who, &open);
	add(who, &open);
	add(who, &usual);
	add(who, &open);
	text = answer(who, 0);
	assert_int_equal(count_of(text, "session"), 1);
	assert_int_equal(count_of(text, "is open"), 0);
	free(text);
}

static void what_ended_more_than_an_hour_ago_is_forgotten(void **state)
{
	struct record record = usual;
	struct who *who = ask("49054");
	char *text;

	(void)state;
	record.since_ms = NOW_MS - 300 * MINUTE_MS;
	record.until_ms = NOW_MS - 61 * MINUTE_MS;
	add(who, &record);
	record.since_ms = NOW_MS - 200 * MINUTE_MS;
	record.until_ms = NOW_MS - 59 * MINUTE_MS;
	add(who, &record);
	record.since_ms = NOW_MS - 250 * MINUTE_MS;
	record.until_ms = 0;
	add(who, &record);
	text = answer(who, 0);
	assert_int_equal(count_of(text, "session"), 2);
	assert_int_equal(count_of(text, "is open"), 1);
	free(text);
}

static void too_many_are_counted(void **state)
{
	struct record record = usual;
	struct who *who = ask("w17-41");
	char *text;

	(void)state;
	for (unsigned i = 0; i < WHO_MOST + 5; i++) {
		/* Some come in between, some at the end. */
		record.since_ms = NOW_MS - (i * 7 % (WHO_MOST + 5)) * 1000;
		record.until_ms = NOW_MS;
		add(who, &record);
	}
	text = answer(who, 0);
	assert_int_equal(count_of(text, "session"), WHO_MOST);
	assert_non_null(strstr(text, "\nand 5 before these\n"));
	assert_null(strstr(text, "(1795859936)"));
	assert_non_null(strstr(text, "(1795859937)"));
	free(text);
}

static void the_archive_knows_how_a_worker_died(void **state)
{
	struct archive *archive = archive_create();
	struct record open = usual;
	struct record_packed packed;
	struct who *who = ask("49054 at 1795859990");
	char *text;

	(void)state;
	assert_non_null(archive);
	open.until_ms = 0;
	record_pack(&open, &packed);
	archive_add(archive, &packed);
	archive_bury(archive, 17, NOW_MS - 5000);
	who_add_archive(who, archive);
	text = answer(who, 0);
	assert_non_null(strstr(text, "until      2026-11-28T09:59:55"));
	assert_non_null(strstr(text, "reason     its worker died\n"));
	free(text);
	archive_destroy(archive);
}

static void a_request_says_what_is_wrong_with_it(void **state)
{
	static const char *const wrong[] = {
		"",        "json",    "json ",
		"here",    "1 at",    "1 at now",
		"1 at -5", "1 at 5 ", "1 at 1111111111111",
		" 1",      "1  at 5",
	};
	struct who_request request;
	const char *why = NULL;

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		if (who_request_read(wrong[i], &request, &why))
			fail_msg("%s", wrong[i]);
		assert_non_null(why);
	}
	assert_true(who_request_read("json [::1]:7 at 5", &request, &why));
	assert_true(request.is_json);
	assert_int_equal(request.question.port, 7);
	assert_int_equal(request.question.at_s, 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_told_in_the_words_of_the_log),
		cmocka_unit_test(the_probe_is_told_as_what_it_is),
		cmocka_unit_test(programs_get_json),
		cmocka_unit_test(nobody_is_told_with_what_is_known),
		cmocka_unit_test(the_newest_comes_first),
		cmocka_unit_test(a_connection_is_told_once_and_its_end_counts),
		cmocka_unit_test(what_ended_more_than_an_hour_ago_is_forgotten),
		cmocka_unit_test(too_many_are_counted),
		cmocka_unit_test(the_archive_knows_how_a_worker_died),
		cmocka_unit_test(a_request_says_what_is_wrong_with_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
