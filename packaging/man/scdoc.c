/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For scdoc(5): a group is a heading, a setting a term with indented text.
 */
#include "entry.h"
#include "writer.h"

#include <string.h>

#define SPECIAL "\\*_#`[|" /* that mean something in some place */

static void write_text(const char *text, FILE *out)
{
	for (; *text != '\0'; text++) {
		if (strchr(SPECIAL, *text) != NULL)
			fputc('\\', out);
		fputc(*text, out);
	}
}

/*
 * Lines of their own, the last one before the example. No indent follows a
 * line break.
 */
static void write_facts(const struct entry *entry, FILE *out)
{
	fputs("Type: ", out);
	write_text(entry->type, out);
	fputs(entry->initial != NULL ? "++\nDefault: " : "++\nRequired", out);
	write_text(entry->initial != NULL ? entry->initial : "", out);
	if (entry->kinds != NULL)
		fprintf(out, "++\nKinds of route: %s", entry->kinds);
	fputs("++\nExample:\n\n", out);
}

static void write_example(const char *example, const char *indent, FILE *out)
{
	fprintf(out, "%s```\n%s", indent, indent);
	for (; *example != '\0'; example++) {
		if (*example == '\\')
			fputc('\\', out);
		fputc(*example, out);
		if (*example == '\n')
			fputs(indent, out);
	}
	fprintf(out, "\n%s```\n\n", indent);
}

/* In a heading nothing has a meaning, and no escape is known. */
static void write_place(const struct entry *entry, FILE *out)
{
	if (entry->is_group) {
		fprintf(out, "## %s\n\n", entry->place);
		return;
	}
	fputs("*", out);
	write_text(entry->place, out);
	fputs("*\n", out);
}

static void write_entry(const struct entry *entry, FILE *out)
{
	const char *indent = entry->is_group ? "" : "\t";

	write_place(entry, out);
	fputs(indent, out);
	write_text(entry->help, out);
	fprintf(out, ".\n\n%s", indent);
	write_facts(entry, out);
	write_example(entry->example, indent, out);
}

const struct writer writer_scdoc = {
	.name = "scdoc",
	.write = write_entry,
};
