/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For reading on the web: each group and setting is a heading, to link to.
 */
#include "entry.h"
#include "writer.h"

#include <string.h>

#define SPECIAL "\\*_#`[]<>|"

static void write_text(const char *text, FILE *out)
{
	for (; *text != '\0'; text++) {
		if (strchr(SPECIAL, *text) != NULL)
			fputc('\\', out);
		fputc(*text, out);
	}
}

static void write_entry(const struct entry *entry, FILE *out)
{
	fprintf(out, "\n%s `%s`\n\n", entry->is_group ? "##" : "###",
	        entry->place);
	write_text(entry->help, out);
	fprintf(out, ".\n\n- Type: %s\n", entry->type);
	fputs(entry->initial != NULL ? "- Default: " : "- Required", out);
	write_text(entry->initial != NULL ? entry->initial : "", out);
	fputs("\n", out);
	if (entry->kinds != NULL)
		fprintf(out, "- Kinds of route: %s\n", entry->kinds);
	fprintf(out, "- Example:\n\n```\n%s\n```\n", entry->example);
}

const struct writer writer_markdown = {
	.name = "markdown",
	.write = write_entry,
};
