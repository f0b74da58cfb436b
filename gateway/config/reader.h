/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fills a configuration from texts in libconfig's language, by the table.
 *
 * One text after the other: lists append, anything else may be set by one of
 * them only. Knows no files; what the settings mean together is not asked.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/attribute.h"
#include "config/problem.h"

struct config;

struct reader {
	struct config *config;     /* handed over to the caller at the end */
	struct problems *problems; /* borrowed */
	struct config_place *set; /* by setting of the root: where it was set */
};

/* Begins with every default. */
void reader_init(struct reader *reader, struct problems *problems);

/*
 * Reads one text, which is called `file` from then on. `false`: it is not in
 * the language, nothing of it was taken. Unknown, misplaced or missing
 * settings only count as problems.
 */
bool reader_read(struct reader *reader, const char *file, const char *text,
                 size_t len) MUST_CHECK;

/*
 * Fills in what depends on the kind of a route, and asks for what no text has
 * set; a want is said of the first text.
 */
void reader_finish(struct reader *reader);
