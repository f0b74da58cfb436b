/* SPDX-License-Identifier: Apache-2.0 */
#include "config/source.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/memory.h"

static void refuse(struct problems *problems, const char *path, int error)
{
	const char *why = strerror(error);

	if (error == EISDIR)
		why = "it is a directory: name the file in it";
	problem_error(problems, (struct config_place){ path, 0 },
	              "cannot be read: %s", why);
}

/* Reads one byte more than there may be: that one tells. */
static bool read_bytes(FILE *file, const char *path, char *bytes, size_t *len,
                       struct problems *problems)
{
	struct config_place place = { path, 0 };

	errno = 0;
	*len = fread(bytes, 1, SOURCE_MAX_BYTES + 1, file);
	if (ferror(file))
		refuse(problems, path, errno);
	else if (*len > SOURCE_MAX_BYTES)
		problem_error(problems, place,
		              "is larger than %zu bytes: this is no "
		              "configuration file",
		              SOURCE_MAX_BYTES);
	else if (*len == 0)
		problem_error(problems, place, "is empty");
	else
		return true;
	return false;
}

char *source_read(const char *path, size_t *len, struct problems *problems)
{
	FILE *file = fopen(path, "re");
	char *bytes;
	size_t found;

	if (file == NULL) {
		refuse(problems, path, errno);
		return NULL;
	}
	bytes = memory_checked(calloc(1, SOURCE_MAX_BYTES + 2));
	if (read_bytes(file, path, bytes, &found, problems)) {
		*len = found;
	} else {
		free(bytes);
		bytes = NULL;
	}
	fclose(file);
	return bytes;
}
