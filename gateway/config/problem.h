/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is wrong with a configuration, all of it at once.
 *
 * Whoever reads or checks a part of the configuration adds what it finds;
 * the command prints the list. An error refuses the whole configuration, a
 * warning does not.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/attribute.h"

#define PROBLEM_PLACE_BYTES 4200 /* for a path of PATH_MAX and its line */

/* Where a setting stands. */
struct config_place {
	const char *file; /* or an option's name, "--listen"; NULL: built in */
	unsigned line;    /* 0: the file as a whole */
};

/* Writes `file:line`, or without a line `file`; cut off after `size`. */
void problem_place(struct config_place place, char *out, size_t size);

struct problem {
	struct config_place place; /* `file` is owned: it outlives the config */
	bool is_error;
	char *text; /* owned; one line, no control characters */
};

struct problems {
	struct problem *list; /* in file order: by file as met, then by line */
	size_t count;
	size_t errors; /* how many of them refuse the configuration */
};

void problems_init(struct problems *problems);
void problems_finish(struct problems *problems);

/*
 * Adds one unless it is there, written like printf; never fails (out of memory
 * ends start-up).
 */
void problem_error(struct problems *problems, struct config_place place,
                   const char *format, ...) PRINTF_LIKE(3, 4);
void problem_warning(struct problems *problems, struct config_place place,
                     const char *format, ...) PRINTF_LIKE(3, 4);

#define PROBLEM_BUILT_IN "built-in" /* the `file` of what nobody wrote */

/*
 * Prints `file:line: text` for each in file order; what stands before `text`
 * of a warning is `warning: `. Warnings about the built-in default are left
 * out: it is what it is by design.
 */
void problems_print(const struct problems *problems, FILE *out);
