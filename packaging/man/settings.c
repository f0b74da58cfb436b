/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes the manual of the settings from their table.
 *
 *   settings scdoc|markdown FRAME
 *
 * FRAME is the page around them; the line @SETTINGS@ of it stands for all of
 * them. A group comes after the settings beside it, and before its own.
 */
#include <assert.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "blank.h"
#include "config/schema.h"
#include "entry.h"
#include "writer.h"

#define LEVELS_MOST 32
#define LINE_BYTES 256
#define HERE "@SETTINGS@\n"
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct writer *const writers[] = { &writer_scdoc,
	                                        &writer_markdown };

/* A group that waits: its own entry, all zero for the root, and its place. */
struct level {
	struct entry entry;
	struct blank_group group;
};

/* The next one is the last. */
struct levels {
	struct level list[LEVELS_MOST];
	size_t count;
};

static void push_inner(struct levels *levels, const struct level *outer)
{
	const struct schema *schema = outer->group.schema;

	for (size_t i = schema->count; i-- > 0;) {
		const struct schema_setting *setting = &schema->settings[i];
		struct level *inner = &levels->list[levels->count];

		if (setting->inner == NULL)
			continue;
		levels->count++;
		assert(levels->count < LEVELS_MOST);
		entry_init(&inner->entry, outer->entry.place, &outer->group,
		           setting);
		inner->group = blank_inner(&outer->group, setting);
	}
}

static void write_level(const struct level *level, const struct writer *writer,
                        FILE *out)
{
	const struct schema *schema = level->group.schema;

	if (level->entry.place != NULL)
		writer->write(&level->entry, out);
	for (size_t i = 0; i < schema->count; i++) {
		struct entry entry;

		if (schema->settings[i].inner != NULL)
			continue;
		entry_init(&entry, level->entry.place, &level->group,
		           &schema->settings[i]);
		writer->write(&entry, out);
		entry_finish(&entry);
	}
}

static void write_settings(const struct writer *writer, FILE *out)
{
	struct levels levels = { .count = 1 };
	struct blank blank;

	blank_init(&blank);
	levels.list[0].group = blank_root(&blank);
	while (levels.count > 0) {
		struct level level = levels.list[--levels.count];

		write_level(&level, writer, out);
		push_inner(&levels, &level);
		entry_finish(&level.entry);
	}
	blank_finish(&blank);
}

/* False when it cannot be read. */
static bool fill_frame(const char *path, const struct writer *writer, FILE *out)
{
	FILE *frame = fopen(path, "r");
	char line[LINE_BYTES];

	if (frame == NULL)
		return false;
	while (fgets(line, sizeof(line), frame) != NULL) {
		if (strcmp(line, HERE) == 0)
			write_settings(writer, out);
		else
			fputs(line, out);
	}
	return fclose(frame) == 0;
}

int main(int argc, char **argv)
{
	for (size_t i = 0; argc == 3 && i < COUNT(writers); i++) {
		if (strcmp(argv[1], writers[i]->name) == 0 &&
		    fill_frame(argv[2], writers[i], stdout))
			return EXIT_SUCCESS;
	}
	fputs("usage: settings scdoc|markdown FRAME\n", stderr);
	return EXIT_FAILURE;
}
