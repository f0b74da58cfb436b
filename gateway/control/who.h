/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The answer to `postern who`: collects records, each connection once, and
 * prints the newest first.
 *
 * The order of asking: the workers first (session/roster.h, upstream/probe.h),
 * then, when they have answered or are late, the archive. It has those that
 * are open as well, unless many others came after them.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/attribute.h"
#include "base/question.h"
#include "base/record.h"

struct archive;

#define WHO_MOST 64            /* that are told */
#define WHO_KEPT_MS 3600000ull /* for so long after its end */

struct who_request {
	struct question question; /* for the workers, too */
	bool is_json;
};

/* Reads `[json] QUESTION [at SECONDS]`; false: `why` says what is wrong. */
bool who_request_read(const char *arguments, struct who_request *out,
                      const char **why) MUST_CHECK;

struct who;

/* `now_ms` is of the wall clock. NULL: no memory. */
struct who *who_create(const struct who_request *request, uint64_t now_ms);
void who_destroy(struct who *who); /* accepts NULL */

/* Takes what the question is about and leaves the rest. */
void who_add(struct who *who, const struct record_packed *record);
void who_add_archive(struct who *who, const struct archive *archive);

/*
 * What was found, to be freed; NULL: no memory. `code` is the exit code of
 * the client: 1 when there is none.
 */
char *who_text(const struct who *who, int *code);
