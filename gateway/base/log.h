/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The log: one line an event, on stderr, subject first, then name=value.
 *
 * Values may be anything a stranger sent: they are quoted and escaped here.
 * A line that stderr cannot take at once is dropped and counted (but see
 * log_audit), so that a full disk or a stopped journal never blocks the loop.
 * Secrets and payloads are never handed to it.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/slice.h"

enum log_level {
	LOG_LEVEL_ERROR = 0,
	LOG_LEVEL_WARNING,
	LOG_LEVEL_INFO,
	LOG_LEVEL_DEBUG,
};

struct log_field {
	const char *name; /* NULL ends a list of fields */
	bool is_number;
	uint64_t number;
	struct slice text;
};

/* The fields of a line, as the last argument of log_error and so on. */
#define LOG_FIELDS(...) ((const struct log_field[]){ __VA_ARGS__, { 0 } })

/* A text that is NULL is written as a dash. */
struct log_field log_text(const char *name, const char *text);
struct log_field log_slice(const char *name, struct slice text);
struct log_field log_number(const char *name, uint64_t number);

/* Which lines are written, and whether as JSON objects. */
void log_set(enum log_level level, bool json);

/*
 * From now on warnings and errors are written to `out` as well, as text, for
 * somebody who wants to know why; NULL: no more. It borrows `out`.
 */
void log_overhear(FILE *out);

/* Writes a line; `fields` is a LOG_FIELDS or NULL. */
void log_error(const char *message, const struct log_field *fields);
void log_warning(const char *message, const struct log_field *fields);
void log_info(const char *message, const struct log_field *fields);
void log_debug(const char *message, const struct log_field *fields);

/*
 * Writes a line at every level, and keeps what stderr does not take, up to a
 * bound: see log_is_behind.
 */
void log_audit(const char *message, const struct log_field *fields);

/*
 * Tries to write what was kept, and to say how many lines were dropped. Gives
 * how many were since it was called last.
 */
uint64_t log_catch_up(void);

/* Tries to write what was kept; whether so much of it is left to wait for. */
bool log_is_behind(void);

/* Before the end: waits a second for stderr to take what was kept. */
void log_finish(void);

/* At most `per_second` lines a second of one sort; zero it before use. */
struct log_limit {
	uint64_t second; /* the one that `count` belongs to */
	unsigned count;
	uint64_t suppressed; /* since the last line that was let through */
};

/*
 * Whether a line may go out at `now_ms`. `suppressed` then tells how many
 * did not before it.
 */
bool log_limit_allows(struct log_limit *limit, uint64_t now_ms,
                      unsigned per_second, uint64_t *suppressed);
