/* SPDX-License-Identifier: Apache-2.0 */
#include "config/reader.h"

#include <stdlib.h>
#include <string.h>

#include <libconfig.h>

#include "config/config.h"
#include "config/kind.h"
#include "config/memory.h"
#include "config/rewrite.h"
#include "config/schema.h"
#include "config/walk.h"

void reader_init(struct reader *reader, struct problems *problems)
{
	struct config *config = memory_checked(calloc(1, sizeof(*config)));

	reader->config = config;
	reader->problems = problems;
	reader->set =
	    memory_take(config, schema_root.count, sizeof(*reader->set));
	walk_tree(reader, NULL, NULL);
}

static const char *add_file(struct config *config, const char *name)
{
	size_t count = config->file_count;
	const char **files =
	    memory_take(config, count + 1, sizeof(*config->files));

	if (count > 0)
		memcpy(files, config->files, count * sizeof(*files));
	files[count] = memory_copy(config, name);
	config->files = files;
	config->file_count++;
	return files[count];
}

static void say_syntax(struct problems *problems, const char *file,
                       const config_t *tree)
{
	const char *why = config_error_text(tree);
	struct config_place place = { file, (unsigned)config_error_line(tree) };

	if (why != NULL && strstr(why, "duplicate") != NULL)
		problem_error(problems, place,
		              "this setting stands twice in its group: "
		              "keep one of them");
	else
		problem_error(problems, place,
		              "%s: here or just before, a semicolon, comma, "
		              "quote or bracket is missing or too many",
		              why != NULL ? why : "syntax error");
}

bool reader_read(struct reader *reader, const char *file, const char *text,
                 size_t len)
{
	char *safe = rewrite_text(file, text, len, reader->problems);
	bool is_read;
	config_t tree;

	if (safe == NULL)
		return false;
	config_init(&tree);
	is_read = config_read_string(&tree, safe) == CONFIG_TRUE;
	if (is_read)
		walk_tree(reader, add_file(reader->config, file),
		          config_root_setting(&tree));
	else
		say_syntax(reader->problems, file, &tree);
	config_destroy(&tree);
	free(safe);
	return is_read;
}

void reader_finish(struct reader *reader)
{
	struct config_place place = { reader->config->files[0], 0 };

	kind_fill(reader->config);
	for (size_t i = 0; i < schema_root.count; i++) {
		const struct schema_setting *setting = &schema_root.settings[i];

		if (setting->is_required && reader->set[i].file == NULL)
			problem_error(reader->problems, place,
			              "the setting \"%s\" is missing (%s)",
			              setting->name, setting->help);
	}
}
