/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/record.h"

#define LONG 400

static const struct record whole = {
	.sort = RECORD_SESSION,
	.worker = 17,
	.since_ms = 1795856708123,
	.until_ms = 1795856709456,
	.reason = CLOSE_BROWSER_CLOSED,
	.texts = {
		[RECORD_ID] = "w17-41",
		[RECORD_USER] = "web",
		[RECORD_FROM] = "192.0.2.7:50514",
		[RECORD_ORIGIN] = "https://dash.example.com",
		[RECORD_ROUTE] = "/mqtt",
		[RECORD_LISTENER] = "0.0.0.0:8084",
		[RECORD_TLS] = "TLSv1.3",
		[RECORD_CLIENT_ID] = "mqttjs_83a5e961",
		[RECORD_UPSTREAM] = "127.0.0.1:1883",
		[RECORD_LOCAL] = "127.0.0.1:49054",
	},
};

static void what_is_packed_comes_out_as_it_was(void **state)
{
	struct record_packed packed;
	struct record record;

	(void)state;
	record_pack(&whole, &packed);
	assert_true(record_unpack(&packed, &record));
	assert_int_equal(record.sort, whole.sort);
	assert_int_equal(record.worker, whole.worker);
	assert_int_equal(record.since_ms, whole.since_ms);
	assert_int_equal(record.until_ms, whole.until_ms);
	assert_int_equal(record.reason, whole.reason);
	for (int i = 0; i < RECORD_TEXTS; i++)
		assert_string_equal(record.texts[i], whole.texts[i]);
}

static void what_is_missing_is_a_dash(void **state)
{
	struct record nothing = { .sort = RECORD_PROBE };
	struct record_packed packed;
	struct record record;

	(void)state;
	record_pack(&nothing, &packed);
	assert_true(record_unpack(&packed, &record));
	assert_int_equal(record.sort, RECORD_PROBE);
	for (int i = 0; i < RECORD_TEXTS; i++)
		assert_string_equal(record.texts[i], "-");
}

static void only_the_longest_texts_are_cut(void **state)
{
	char user[LONG + 1];
	char client_id[LONG + 1];
	struct record crowded = whole;
	struct record_packed packed;
	struct record record;

	(void)state;
	memset(user, 'u', LONG);
	memset(client_id, 'c', LONG);
	user[LONG] = client_id[LONG] = '\0';
	crowded.texts[RECORD_USER] = user;
	crowded.texts[RECORD_CLIENT_ID] = client_id;
	record_pack(&crowded, &packed);
	assert_true(record_unpack(&packed, &record));

	size_t len = strlen(record.texts[RECORD_USER]);

	assert_in_range(len, RECORD_TEXT_BYTES / 3, LONG - 1);
	assert_int_equal(strlen(record.texts[RECORD_CLIENT_ID]), len);
	assert_memory_equal(record.texts[RECORD_USER], user, len - 3);
	assert_string_equal(record.texts[RECORD_USER] + len - 3, "...");
	assert_string_equal(record.texts[RECORD_ORIGIN],
	                    whole.texts[RECORD_ORIGIN]);
	assert_string_equal(record.texts[RECORD_LOCAL],
	                    whole.texts[RECORD_LOCAL]);
}

static void a_character_is_not_cut_in_two(void **state)
{
	char user[2 * LONG + 1];
	struct record crowded = { .texts = { [RECORD_USER] = user } };
	struct record_packed packed;
	struct record record;

	(void)state;
	for (size_t i = 0; i < LONG; i++)
		memcpy(user + 2 * i, "\xc3\xa4", 2);
	user[2 * LONG] = '\0';
	for (int shift = 0; shift < 2; shift++) {
		crowded.texts[RECORD_ID] = shift ? "1" : "12";
		record_pack(&crowded, &packed);
		assert_true(record_unpack(&packed, &record));

		const char *text = record.texts[RECORD_USER];
		size_t len = strlen(text) - strlen("...");

		assert_int_equal(len % 2, 0);
		assert_string_equal(text + len, "...");
	}
}

static void other_bytes_are_no_record(void **state)
{
	struct record_packed packed;
	struct record record;

	(void)state;
	memset(&packed, 'x', sizeof packed);
	packed.sort = 0;
	packed.reason = 0;
	assert_false(record_unpack(&packed, &record));
	record_pack(&whole, &packed);
	packed.sort = RECORD_SORTS;
	assert_false(record_unpack(&packed, &record));
	packed.sort = 0;
	packed.reason = CLOSE_REASONS;
	assert_false(record_unpack(&packed, &record));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_packed_comes_out_as_it_was),
		cmocka_unit_test(what_is_missing_is_a_dash),
		cmocka_unit_test(only_the_longest_texts_are_cut),
		cmocka_unit_test(a_character_is_not_cut_in_two),
		cmocka_unit_test(other_bytes_are_no_record),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
