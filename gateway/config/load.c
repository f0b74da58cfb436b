/* SPDX-License-Identifier: Apache-2.0 */
#include "config/load.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "config/memory.h"
#include "config/reader.h"
#include "config/secret.h"
#include "config/source.h"

#define PARTS "conf.d"
#define SUFFIX ".conf"

static bool read_file(struct reader *reader, const char *path)
{
	size_t len;
	char *text = source_read(path, &len, reader->problems);
	bool is_read = text != NULL && reader_read(reader, path, text, len);

	free(text);
	return is_read;
}

static int is_part(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);
	size_t suffix_len = strlen(SUFFIX);

	return entry->d_name[0] != '.' && len > suffix_len &&
	       strcmp(entry->d_name + len - suffix_len, SUFFIX) == 0;
}

/* Not alphasort, whose order is the locale's. */
static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static bool read_part(struct reader *reader, const char *directory,
                      const char *name)
{
	char *path = NULL;
	bool is_read;

	if (asprintf(&path, "%s/%s", directory, name) < 0)
		memory_checked(NULL);
	is_read = read_file(reader, path);
	free(path);
	return is_read;
}

static bool read_directory(struct reader *reader, const char *directory)
{
	struct dirent **entries = NULL;
	int count = scandir(directory, &entries, is_part, by_name);
	bool is_read = true;

	if (count < 0 && (errno == ENOENT || errno == ENOTDIR))
		return true;
	if (count < 0) {
		problem_error(reader->problems,
		              (struct config_place){ directory, 0 },
		              "cannot be read: %s", strerror(errno));
		return false;
	}
	for (int i = 0; i < count; i++) {
		if (!read_part(reader, directory, entries[i]->d_name))
			is_read = false;
		free(entries[i]);
	}
	free(entries);
	return is_read;
}

static bool read_parts(struct reader *reader, const char *path)
{
	const char *slash = strrchr(path, '/');
	int len = slash != NULL ? (int)(slash - path) + 1 : 0;
	char *directory = NULL;
	bool is_read;

	if (asprintf(&directory, "%.*s%s", len, path, PARTS) < 0)
		memory_checked(NULL);
	is_read = read_directory(reader, directory);
	free(directory);
	return is_read;
}

static struct config *finish(struct reader *reader, bool is_read)
{
	if (!is_read) {
		config_unload(reader->config);
		return NULL;
	}
	reader_finish(reader);
	return reader->config;
}

struct config *config_load(const char *path, struct problems *problems)
{
	struct config *config;
	struct reader reader;
	bool is_read;

	reader_init(&reader, problems);
	is_read = read_file(&reader, path);
	if (!read_parts(&reader, path))
		is_read = false;
	config = finish(&reader, is_read);
	if (config != NULL)
		secret_read(config, problems);
	return config;
}

struct config *config_load_text(const char *name, const char *text,
                                struct problems *problems)
{
	struct reader reader;

	reader_init(&reader, problems);
	return finish(&reader, reader_read(&reader, name, text, strlen(text)));
}
