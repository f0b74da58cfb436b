/* SPDX-License-Identifier: Apache-2.0 */
#include "control/who.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/archive.h"
#include "control/plain.h"
#include "control/stamp.h"
#include "json/text.h"
#include "json/writer.h"

#define JSON_WORD "json "
#define AT_WORD " at "
#define DIGITS "0123456789"
#define SECONDS_DIGITS 12
#define QUESTION_BYTES 96

struct who {
	struct who_request request;
	uint64_t now_ms;
	uint64_t passed_over; /* older ones that have no room */
	size_t count;
	struct record_packed found[WHO_MOST]; /* the newest first */
};

/* What is asked. */

static bool read_time(const char *text, struct question *question)
{
	size_t len = strspn(text, DIGITS);

	if (len == 0 || len > SECONDS_DIGITS || text[len] != '\0')
		return false;
	question->at_s = strtoull(text, NULL, 10);
	return true;
}

bool who_request_read(const char *arguments, struct who_request *out,
                      const char **why)
{
	struct who_request request = { .is_json = false };
	char text[QUESTION_BYTES];
	const char *at;
	size_t len;

	if (strncmp(arguments, JSON_WORD, strlen(JSON_WORD)) == 0) {
		request.is_json = true;
		arguments += strlen(JSON_WORD);
	}
	at = strstr(arguments, AT_WORD);
	len = at ? (size_t)(at - arguments) : strlen(arguments);
	*why = "neither a port nor a session";
	if (len >= sizeof text)
		return false;
	memcpy(text, arguments, len);
	text[len] = '\0';
	if (!question_read(text, &request.question))
		return false;
	*why = "the time is no number of seconds";
	if (at && !read_time(at + strlen(AT_WORD), &request.question))
		return false;
	*out = request;
	return true;
}

/* What is found. */

struct who *who_create(const struct who_request *request, uint64_t now_ms)
{
	struct who *who = calloc(1, sizeof *who);

	if (who) {
		who->request = *request;
		who->now_ms = now_ms;
	}
	return who;
}

void who_destroy(struct who *who)
{
	free(who);
}

static bool is_same(const struct record *a, const struct record *b)
{
	return a->since_ms == b->since_ms && a->worker == b->worker &&
	       strcmp(a->texts[RECORD_ID], b->texts[RECORD_ID]) == 0 &&
	       strcmp(a->texts[RECORD_LOCAL], b->texts[RECORD_LOCAL]) == 0;
}

/* The one of it that is there already, or NULL. */
static struct record_packed *find(struct who *who, const struct record *record)
{
	struct record other;

	for (size_t i = 0; i < who->count; i++) {
		if (record_unpack(&who->found[i], &other) &&
		    is_same(&other, record))
			return &who->found[i];
	}
	return NULL;
}

static void insert(struct who *who, const struct record_packed *record)
{
	size_t at = who->count;

	while (at > 0 && who->found[at - 1].since_ms < record->since_ms)
		at--;
	if (who->count == WHO_MOST)
		who->passed_over++;
	else
		who->count++;
	if (at == WHO_MOST)
		return;
	memmove(&who->found[at + 1], &who->found[at],
	        (who->count - at - 1) * sizeof *record);
	who->found[at] = *record;
}

static bool is_old(const struct who *who, const struct record_packed *record)
{
	return record->until_ms != 0 &&
	       record->until_ms + WHO_KEPT_MS < who->now_ms;
}

void who_add(struct who *who, const struct record_packed *packed)
{
	struct record record;
	struct record_packed *same;

	if (!record_unpack(packed, &record) || is_old(who, packed) ||
	    !question_is_about(&who->request.question, &record))
		return;
	same = find(who, &record);
	if (!same)
		insert(who, packed);
	else if (same->until_ms == 0)
		*same = *packed;
}

void who_add_archive(struct who *who, const struct archive *archive)
{
	struct record_packed record;

	for (size_t i = 0; archive && i < ARCHIVE_CELLS; i++) {
		if (archive_read(archive, i, &record))
			who_add(who, &record);
	}
}

/* What is said. */

static const char *reason_of(const struct record *record)
{
	if (record->until_ms == 0)
		return "-";
	return record->reason == CLOSE_NONE
	           ? "its worker died"
	           : close_answer(record->reason)->word;
}

static void print_line(FILE *out, const char *word, const char *text)
{
	fprintf(out, "  %-10s ", word);
	plain_print(out, text);
	fputc('\n', out);
}

static void print_time(FILE *out, const char *word, uint64_t ms)
{
	char stamp[STAMP_BYTES];

	stamp_write(ms, stamp);
	fprintf(out, "  %-10s %s (%" PRIu64 ")\n", word, stamp, ms / 1000);
}

static void print_record(FILE *out, const struct record *record)
{
	bool is_probe = record->sort == RECORD_PROBE;

	if (is_probe)
		fprintf(out, "the gateway's own look at the broker\n");
	else
		fprintf(out, "session %s\n", record->texts[RECORD_ID]);
	for (int i = RECORD_USER; i < RECORD_TEXTS; i++) {
		if (!is_probe || strcmp(record->texts[i], "-") != 0)
			print_line(out, record_word((enum record_text)i),
			           record->texts[i]);
	}
	print_time(out, "since", record->since_ms);
	if (record->until_ms == 0)
		print_line(out, "until", "is open");
	else
		print_time(out, "until", record->until_ms);
	if (!is_probe)
		print_line(out, "reason", reason_of(record));
}

static void print_found(FILE *out, const struct who *who)
{
	struct record record;

	for (size_t i = 0; i < who->count; i++) {
		if (i > 0)
			fputc('\n', out);
		if (record_unpack(&who->found[i], &record))
			print_record(out, &record);
	}
	if (who->passed_over > 0)
		fprintf(out, "\nand %" PRIu64 " before these\n",
		        who->passed_over);
}

static void print_asked(FILE *out, const struct question *question)
{
	char stamp[STAMP_BYTES];

	if (question->id[0] != '\0')
		fprintf(out, "session %s had no connection to the broker",
		        question->id);
	else
		fprintf(out, "no session had port %u%s%s at the broker",
		        question->port, question->address[0] ? " of " : "",
		        question->address);
	if (question->at_s == QUESTION_ANY_TIME)
		return;
	stamp_write(question->at_s * 1000, stamp);
	fprintf(out, " at %s", stamp);
}

static void print_nothing(FILE *out, const struct who *who)
{
	print_asked(out, &who->request.question);
	fprintf(
	    out,
	    ". Known are connections that are open, and of the last %d those "
	    "that ended within an hour.\n",
	    ARCHIVE_CELLS);
}

static void write_text(struct json_writer *writer, const char *name,
                       const char *text)
{
	if (strcmp(text, "-") == 0)
		json_write_raw(writer, name, slice_from_text("null"));
	else
		plain_write_json(writer, name, text);
}

static void write_until(struct json_writer *writer, uint64_t until_ms)
{
	if (until_ms == 0)
		json_write_raw(writer, "until_ms", slice_from_text("null"));
	else
		json_write_number(writer, "until_ms", until_ms);
}

static void write_record(struct json_writer *writer,
                         const struct record *record)
{
	json_write_object(writer, NULL);
	json_write_boolean(writer, "is_probe", record->sort == RECORD_PROBE);
	for (int i = 0; i < RECORD_TEXTS; i++)
		write_text(writer, record_word((enum record_text)i),
		           record->texts[i]);
	json_write_number(writer, "since_ms", record->since_ms);
	write_until(writer, record->until_ms);
	write_text(writer, "reason", reason_of(record));
	json_write_object_end(writer);
}

static bool write_found(struct json_text *text, const struct who *who)
{
	struct json_writer writer;
	struct record record;

	json_writer_begin(&writer, text);
	json_write_array(&writer, "found");
	for (size_t i = 0; i < who->count; i++) {
		if (record_unpack(&who->found[i], &record))
			write_record(&writer, &record);
	}
	json_write_array_end(&writer);
	json_write_number(&writer, "before", who->passed_over);
	return json_writer_end(&writer) &&
	       json_text_add(text, slice_from_text("\n"));
}

static char *json_of(const struct who *who)
{
	struct json_text text;
	struct slice written;
	char *copy = NULL;

	json_text_init(&text);
	if (write_found(&text, who)) {
		written = json_text_written(&text);
		copy = strndup((const char *)written.data, written.len);
	}
	json_text_finish(&text);
	return copy;
}

char *who_text(const struct who *who, int *code)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out;

	*code = who->count > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
	if (who->request.is_json && who->count > 0)
		return json_of(who);
	out = open_memstream(&text, &len);
	if (!out)
		return NULL;
	if (who->count > 0)
		print_found(out, who);
	else
		print_nothing(out, who);
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}
