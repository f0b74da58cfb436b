/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/backlog.h"
#include "base/sink.h"

#define KEPT_BYTES (4u << 20)   /* of audit lines, at the very most */
#define KEPT_ENOUGH (16u << 10) /* then their causes wait */
#define LAST_TRIES 10
#define LAST_TRY_MS 100
#define VALUE_BYTES_MAX 320 /* of one value; what is longer is cut */

static struct {
	enum log_level level;
	bool json;
	uint64_t dropped;    /* not told yet */
	uint64_t uncounted;  /* dropped since log_catch_up */
	bool is_broken_off;  /* the last line that was written */
	struct backlog kept; /* lines that stderr has not taken yet */
	FILE *overheard;     /* NULL: nobody listens */
} settings = { .level = LOG_LEVEL_INFO };

static const char *const level_names[] = { "error", "warning", "info",
	                                   "debug" };

/* A line under way; PIPE_BUF at most, so that one write is whole. */
struct line {
	char text[PIPE_BUF];
	size_t len;
};

static void put(struct line *line, const char *text, size_t len)
{
	size_t room = sizeof line->text - 1 - line->len; /* 1: the newline */

	if (len > room)
		len = room;
	memcpy(line->text + line->len, text, len);
	line->len += len;
}

static void put_text(struct line *line, const char *text)
{
	put(line, text, strlen(text));
}

static void put_number(struct line *line, uint64_t number)
{
	char digits[24];
	int len =
	    snprintf(digits, sizeof digits, "%llu", (unsigned long long)number);

	put(line, digits, (size_t)len);
}

static bool is_plain(uint8_t c)
{
	return c > 0x20 && c < 0x7f && c != '"' && c != '\\' && c != '=';
}

static bool needs_quotes(struct slice value)
{
	for (size_t i = 0; i < value.len; i++) {
		if (!is_plain(value.data[i]))
			return true;
	}
	return value.len == 0;
}

static void put_escaped(struct line *line, struct slice value)
{
	/* JSON has no \xNN: there the backslash itself is escaped. */
	const char *hex = settings.json ? "\\\\x%02x" : "\\x%02x";
	char escape[8];

	for (size_t i = 0; i < value.len && i < VALUE_BYTES_MAX; i++) {
		uint8_t c = value.data[i];

		if (c == '"' || c == '\\') {
			put_text(line, "\\");
			put(line, (const char *)&c, 1);
		} else if (is_plain(c) || c == ' ' || c == '=') {
			put(line, (const char *)&c, 1);
		} else {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
			int len = snprintf(escape, sizeof escape, hex, c);
#pragma GCC diagnostic pop
			put(line, escape, (size_t)len);
		}
	}
	if (value.len > VALUE_BYTES_MAX)
		put_text(line, "...");
}

static void put_quoted(struct line *line, struct slice value)
{
	put_text(line, "\"");
	put_escaped(line, value);
	put_text(line, "\"");
}

static void put_field_text(struct line *line, const struct log_field *field)
{
	put_text(line, " ");
	put_text(line, field->name);
	put_text(line, "=");
	if (field->is_number)
		put_number(line, field->number);
	else if (needs_quotes(field->text))
		put_quoted(line, field->text);
	else
		put_escaped(line, field->text);
}

static void put_field_json(struct line *line, const struct log_field *field)
{
	put_text(line, ",");
	put_quoted(line, slice_from_text(field->name));
	put_text(line, ":");
	if (field->is_number)
		put_number(line, field->number);
	else
		put_quoted(line, field->text);
}

static void put_json_start(struct line *line, enum log_level level,
                           const char *message)
{
	struct timespec now;
	struct tm utc;
	char stamp[48];

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &utc);
	size_t len = strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%S", &utc);
	snprintf(stamp + len, sizeof stamp - len, ".%03uZ",
	         (unsigned)(now.tv_nsec / 1000000));

	put_text(line, "{\"time\":\"");
	put_text(line, stamp);
	put_text(line, "\",\"level\":\"");
	put_text(line, level_names[level]);
	put_text(line, "\",\"message\":");
	put_quoted(line, slice_from_text(message));
}

/* The prefix of a line that is no plain news; `ready` begins its line. */
static void put_text_start(struct line *line, enum log_level level,
                           const char *message)
{
	if (level != LOG_LEVEL_INFO) {
		put_text(line, level_names[level]);
		put_text(line, ": ");
	}
	put_text(line, message);
}

/* A disk that fills up may take a part of a line. */
static bool emit(struct slice text)
{
	size_t len = sink_write(text);

	if (len > 0)
		settings.is_broken_off = len < text.len;
	return len == text.len;
}

static void drop(void)
{
	settings.dropped++;
	settings.uncounted++;
}

/* As many lines as go out in one write, which no other process cuts. */
static struct slice first_lines(struct slice kept)
{
	size_t len = kept.len < PIPE_BUF ? kept.len : PIPE_BUF;

	while (kept.data[len - 1] != '\n')
		len--;
	return (struct slice){ kept.data, len };
}

static void flush(void)
{
	struct slice kept = backlog_peek(&settings.kept);

	size_t written;

	while (kept.len > 0 && (written = sink_write(first_lines(kept))) > 0) {
		backlog_drop(&settings.kept, written);
		kept = backlog_peek(&settings.kept);
	}
}

static bool keep(struct slice line)
{
	return backlog_peek(&settings.kept).len + line.len <= KEPT_BYTES &&
	       backlog_put(&settings.kept, line);
}

static struct slice compose(struct line *line, enum log_level level,
                            const char *message, const struct log_field *fields)
{
	if (settings.json)
		put_json_start(line, level, message);
	else
		put_text_start(line, level, message);
	for (const struct log_field *f = fields; f && f->name; f++) {
		if (settings.json)
			put_field_json(line, f);
		else
			put_field_text(line, f);
	}
	if (settings.json)
		put_text(line, "}");
	line->text[line->len++] = '\n';
	return (struct slice){ (const uint8_t *)line->text, line->len };
}

static void tell_dropped(void)
{
	const struct log_field fields[] = {
		log_number("count", settings.dropped), { 0 }
	};
	struct line line = { .len = 0 };

	if (settings.is_broken_off)
		put_text(&line, "\n");
	if (settings.dropped > 0 && emit(compose(&line, LOG_LEVEL_WARNING,
	                                         "log lines dropped", fields)))
		settings.dropped = 0;
}

static void overhear(enum log_level level, const char *message,
                     const struct log_field *fields)
{
	struct line line = { .len = 0 };
	bool json = settings.json;

	settings.json = false;
	struct slice text = compose(&line, level, message, fields);

	settings.json = json;
	fwrite(text.data, 1, text.len, settings.overheard);
}

static void log_at(enum log_level level, const char *message,
                   const struct log_field *fields)
{
	struct line line = { .len = 0 };

	if (settings.overheard && level <= LOG_LEVEL_WARNING)
		overhear(level, message, fields);
	if (level > settings.level)
		return;
	tell_dropped();
	if (!emit(compose(&line, level, message, fields)))
		drop();
}

void log_audit(const char *message, const struct log_field *fields)
{
	struct line line = { .len = 0 };
	struct slice text = compose(&line, LOG_LEVEL_INFO, message, fields);

	tell_dropped();
	flush();
	if (!settings.kept.data)
		(void)slice_take(&text, sink_write(text));
	if (text.len > 0 && !keep(text))
		drop();
}

uint64_t log_catch_up(void)
{
	uint64_t count = settings.uncounted;

	settings.uncounted = 0;
	flush();
	tell_dropped();
	return count;
}

bool log_is_behind(void)
{
	if (!settings.kept.data)
		return false;
	flush();
	return backlog_peek(&settings.kept).len > KEPT_ENOUGH;
}

void log_finish(void)
{
	for (int i = 0; i < LAST_TRIES && settings.kept.data; i++) {
		sink_wait(LAST_TRY_MS);
		flush();
	}
	backlog_finish(&settings.kept);
}

struct log_field log_text(const char *name, const char *text)
{
	return log_slice(name, slice_from_text(text ? text : "-"));
}

struct log_field log_slice(const char *name, struct slice text)
{
	return (struct log_field){ .name = name, .text = text };
}

struct log_field log_number(const char *name, uint64_t number)
{
	return (struct log_field){ .name = name,
		                   .is_number = true,
		                   .number = number };
}

void log_set(enum log_level level, bool json)
{
	settings.level = level;
	settings.json = json;
}

void log_overhear(FILE *out)
{
	settings.overheard = out;
}

void log_error(const char *message, const struct log_field *fields)
{
	log_at(LOG_LEVEL_ERROR, message, fields);
}

void log_warning(const char *message, const struct log_field *fields)
{
	log_at(LOG_LEVEL_WARNING, message, fields);
}

void log_info(const char *message, const struct log_field *fields)
{
	log_at(LOG_LEVEL_INFO, message, fields);
}

void log_debug(const char *message, const struct log_field *fields)
{
	log_at(LOG_LEVEL_DEBUG, message, fields);
}

bool log_limit_allows(struct log_limit *limit, uint64_t now_ms,
                      unsigned per_second, uint64_t *suppressed)
{
	uint64_t second = now_ms / 1000;

	if (limit->second != second) {
		limit->second = second;
		limit->count = 0;
	}
	if (limit->count >= per_second) {
		limit->suppressed++;
		return false;
	}
	limit->count++;
	*suppressed = limit->suppressed;
	limit->suppressed = 0;
	return true;
}
