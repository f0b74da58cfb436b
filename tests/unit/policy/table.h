/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tables in tests/cases: a row is a line of columns with a tab between
 * two, comments begin with #, and the first line behind them is the heading.
 * A text may have escapes: \s, \t, \r, \\ and \xHH.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/slice.h"

struct table {
	FILE *file;
	char *line;
	size_t size; /* of the memory of `line` */
};

/* `first` is the name of its first column. */
void table_open(struct table *table, const char *name, const char *first);
void table_close(struct table *table);

/*
 * The next row, cut into its columns, of which it must have `count`; false
 * at the end. They are the caller's to change until the next call.
 */
bool table_next(struct table *table, char **columns, size_t count);

/* Takes what stands before `separator` off `rest`, NULL after the last. */
char *table_take(char **rest, const char *separator);

/* Cuts `text` at each `separator`; "-" is the empty list. */
size_t table_split(char *text, const char *separator, char **pieces,
                   size_t most);

/* Decodes the escapes in place; NUL may be inside, and is behind. */
struct slice table_unescape(char *text);

/* The octet that two digits say. */
char table_octet(const char *digits);
