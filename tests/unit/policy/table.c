/* SPDX-License-Identifier: Apache-2.0 */
#include "table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define PATH_BYTES 4096

static bool next_line(struct table *table)
{
	do {
		if (getline(&table->line, &table->size, table->file) < 0)
			return false;
	} while (table->line[0] == '#');
	table->line[strcspn(table->line, "\n")] = '\0';
	return true;
}

void table_open(struct table *table, const char *name, const char *first)
{
	char path[PATH_BYTES];
	char *rest;

	assert_in_range(snprintf(path, sizeof(path), "%s/%s", CASES_DIR, name),
	                1, sizeof(path) - 1);
	*table = (struct table){ .file = fopen(path, "r") };
	assert_non_null(table->file);
	assert_true(next_line(table));
	rest = table->line;
	assert_string_equal(strsep(&rest, "\t"), first);
}

void table_close(struct table *table)
{
	free(table->line);
	fclose(table->file);
}

bool table_next(struct table *table, char **columns, size_t count)
{
	char *rest;

	if (!next_line(table))
		return false;
	rest = table->line;
	for (size_t i = 0; i < count; i++) {
		columns[i] = strsep(&rest, "\t");
		assert_non_null(columns[i]);
	}
	assert_null(rest);
	return true;
}

char *table_take(char **rest, const char *separator)
{
	char *piece = *rest;
	char *end = strstr(piece, separator);

	if (end) {
		*end = '\0';
		end += strlen(separator);
	}
	*rest = end;
	return piece;
}

size_t table_split(char *text, const char *separator, char **pieces,
                   size_t most)
{
	size_t count = 0;

	if (strcmp(text, "-") == 0)
		return 0;
	while (text) {
		assert_true(count < most);
		pieces[count++] = table_take(&text, separator);
	}
	return count;
}

static unsigned hex_value(char c)
{
	const char *digits = "0123456789abcdef";
	const char *at = strchr(digits, c);

	assert_true(c != '\0' && at);
	return (unsigned)(at - digits);
}

char table_octet(const char *digits)
{
	unsigned high = hex_value(digits[0]);

	return (char)(high << 4 | hex_value(digits[1]));
}

static char escaped(char letter)
{
	static const char letters[] = "str\\";
	const char *at = strchr(letters, letter);

	assert_true(letter != '\0' && at);
	return " \t\r\\"[at - letters];
}

struct slice table_unescape(char *text)
{
	char *out = text;

	for (const char *in = text; *in != '\0'; in++) {
		if (*in != '\\') {
			*out++ = *in;
		} else if (*++in == 'x') {
			*out++ = table_octet(in + 1);
			in += 2;
		} else {
			*out++ = escaped(*in);
		}
	}
	*out = '\0';
	return (struct slice){ (const uint8_t *)text, (size_t)(out - text) };
}
