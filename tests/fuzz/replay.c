/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs a fuzz target over files, and over the files of directories, that are
 * named on the command line. Makes a test of a corpus with any compiler.
 */
#include <dirent.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#define PATH_BYTES 4096

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The whole of `file` in memory of its own; NULL when it cannot be read. */
static uint8_t *read_all(FILE *file, size_t size)
{
	uint8_t *bytes = malloc(size > 0 ? size : 1);

	if (bytes != NULL && fread(bytes, 1, size, file) != size) {
		free(bytes);
		return NULL;
	}
	return bytes;
}

static bool replay_file(const char *path, size_t size)
{
	FILE *file = fopen(path, "rb");

	if (file == NULL)
		return false;

	uint8_t *bytes = read_all(file, size);

	fclose(file);
	if (bytes == NULL)
		return false;
	(void)LLVMFuzzerTestOneInput(bytes, size);
	free(bytes);
	return true;
}

/* Counts in `count`; other things than files are passed over. */
static bool replay_entry(const char *path, unsigned *count)
{
	struct stat status;

	if (stat(path, &status) != 0)
		return false;
	if (!S_ISREG(status.st_mode))
		return true;
	(*count)++;
	return replay_file(path, (size_t)status.st_size);
}

static bool replay_directory(DIR *directory, const char *path, unsigned *count)
{
	char name[PATH_BYTES];
	struct dirent *entry;

	while ((entry = readdir(directory)) != NULL) {
		int len =
		    snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);

		if (len < 0 || (size_t)len >= sizeof(name) ||
		    !replay_entry(name, count))
			return false;
	}
	return true;
}

static bool replay(const char *path, unsigned *count)
{
	DIR *directory = opendir(path);

	if (directory == NULL)
		return replay_entry(path, count);

	bool is_done = replay_directory(directory, path, count);

	closedir(directory);
	return is_done;
}

int main(int argc, char **argv)
{
	unsigned count = 0;

	for (int i = 1; i < argc; i++) {
		if (!replay(argv[i], &count)) {
			perror(argv[i]);
			return EXIT_FAILURE;
		}
	}
	printf("%u inputs replayed\n", count);
	return count > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
