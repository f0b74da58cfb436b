/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/archive.h"
#include "config/config.h"
#include "session/roster.h"
#include "session/session.h"

#define ID_BYTES 16

/* In place of upstream/stream.c. */
struct stream {
	const char *local;
};

const char *stream_local(const struct stream *stream)
{
	return stream->local;
}

const char *stream_remote(const struct stream *stream)
{
	(void)stream;
	return "127.0.0.1:1883";
}

static struct stream streams[] = { { "127.0.0.1:1001" },
	                           { "[::1]:1002" },
	                           { "127.0.0.1:1003" } };
static struct config_route config = { .path = { .value = "/mqtt" } };
static const struct policy_route route = { .config = &config };

struct bench {
	struct session_room room;
	struct session sessions[3];
};

static int set_up(void **state)
{
	struct bench *bench = calloc(1, sizeof *bench);

	bench->room.worker = 4;
	bench->room.archive = archive_create();
	for (size_t i = 0; i < 3; i++) {
		struct session *session = &bench->sessions[i];

		session->room = &bench->room;
		session->route = &route;
		session->next = bench->room.first;
		bench->room.first = session;
		snprintf(session->id, ID_BYTES, "w4-%zu", i + 1);
		session->browser.from = "192.0.2.7:5";
		session->browser.listener = "0.0.0.0:8083";
		session->relay.stream = &streams[i];
		session->relay.judge.entry.client_id = "anna";
	}
	*state = bench;
	return 0;
}

static int tear_down(void **state)
{
	struct bench *bench = *state;

	archive_destroy(bench->room.archive);
	free(bench);
	return 0;
}

struct heard {
	size_t count;
	struct record_packed packed;
	struct record last;
};

static void on_found(void *owner, const struct record_packed *packed)
{
	struct heard *heard = owner;

	heard->count++;
	heard->packed = *packed;
	assert_true(record_unpack(&heard->packed, &heard->last));
}

static void find(const struct bench *bench, const char *text,
                 struct heard *heard)
{
	struct question question;

	assert_true(question_read(text, &question));
	heard->count = 0;
	roster_find(&bench->room, &question, on_found, heard);
}

/* What the archive has: so many, and the last of them. */
static void look(const struct bench *bench, struct heard *heard)
{
	struct record_packed packed;

	heard->count = 0;
	for (size_t i = 0; i < ARCHIVE_CELLS; i++) {
		if (archive_read(bench->room.archive, i, &packed))
			on_found(heard, &packed);
	}
}

static void those_that_are_open_are_found(void **state)
{
	struct bench *bench = *state;
	struct heard heard;

	find(bench, "1002", &heard);
	assert_int_equal(heard.count, 0);
	for (size_t i = 0; i < 3; i++)
		roster_enter(&bench->sessions[i]);
	find(bench, "1002", &heard);
	assert_int_equal(heard.count, 1);
	assert_string_equal(heard.last.texts[RECORD_ID], "w4-2");
	assert_string_equal(heard.last.texts[RECORD_CLIENT_ID], "anna");
	assert_string_equal(heard.last.texts[RECORD_ROUTE], "/mqtt");
	assert_string_equal(heard.last.texts[RECORD_USER], "-");
	assert_int_equal(heard.last.worker, 4);
	assert_int_equal(heard.last.until_ms, 0);
	find(bench, "w4-3", &heard);
	assert_int_equal(heard.count, 1);
	assert_string_equal(heard.last.texts[RECORD_LOCAL], "127.0.0.1:1003");
	find(bench, "1004", &heard);
	assert_int_equal(heard.count, 0);
}

static void one_that_has_ended_is_in_the_archive_alone(void **state)
{
	struct bench *bench = *state;
	struct session *session = &bench->sessions[0];
	struct heard heard;

	roster_enter(session);
	look(bench, &heard);
	assert_int_equal(heard.count, 1);
	assert_int_equal(heard.last.until_ms, 0);
	roster_leave(session, CLOSE_IDLE);
	roster_leave(session, CLOSE_INTERNAL);
	find(bench, "1001", &heard);
	assert_int_equal(heard.count, 0);
	look(bench, &heard);
	assert_int_equal(heard.count, 1);
	assert_true(heard.last.until_ms >= heard.last.since_ms);
	assert_int_equal(heard.last.reason, CLOSE_IDLE);
}

static void one_that_never_reached_the_broker_is_not(void **state)
{
	struct bench *bench = *state;
	struct heard heard;

	bench->sessions[0].relay.stream = NULL;
	roster_leave(&bench->sessions[0], CLOSE_UPSTREAM_UNREACHABLE);
	look(bench, &heard);
	assert_int_equal(heard.count, 0);
}

static void a_session_has_one_connection_after_the_other(void **state)
{
	struct bench *bench = *state;
	struct session *session = &bench->sessions[0];
	struct heard heard;

	roster_enter(session);
	roster_leave(session, CLOSE_UPSTREAM_CLOSED);
	session->relay.stream = &streams[1];
	roster_enter(session);
	look(bench, &heard);
	assert_int_equal(heard.count, 2);
	find(bench, "w4-1", &heard);
	assert_int_equal(heard.count, 1);
	assert_string_equal(heard.last.texts[RECORD_LOCAL], "[::1]:1002");
}

static void without_an_archive_they_are_found_all_the_same(void **state)
{
	struct bench *bench = *state;
	struct heard heard;

	archive_destroy(bench->room.archive);
	bench->room.archive = NULL;
	roster_enter(&bench->sessions[0]);
	find(bench, "1001", &heard);
	assert_int_equal(heard.count, 1);
	roster_leave(&bench->sessions[0], CLOSE_IDLE);
	find(bench, "1001", &heard);
	assert_int_equal(heard.count, 0);
}

#define BENCH_TEST(name)                                                       \
	cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		BENCH_TEST(those_that_are_open_are_found),
		BENCH_TEST(one_that_has_ended_is_in_the_archive_alone),
		BENCH_TEST(one_that_never_reached_the_broker_is_not),
		BENCH_TEST(a_session_has_one_connection_after_the_other),
		BENCH_TEST(without_an_archive_they_are_found_all_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
