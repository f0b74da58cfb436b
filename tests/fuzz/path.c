/* SPDX-License-Identifier: Apache-2.0 */
#include "path.h"

#include <stdlib.h>
#include <string.h>

#define DEEPEST 128

void path_expect(bool law)
{
	if (!law)
		abort();
}

bool path_is(const char *a, const char *b)
{
	return strcmp(a, b) == 0;
}

bool path_cut(struct path *path, struct slice text)
{
	size_t len = 0;

	path->count = 0;
	for (size_t i = 0; i <= text.len; i++) {
		if (len + 1 >= PATH_LEVEL_BYTES || path->count == PATH_LEVELS)
			return false;
		if (i == text.len || text.data[i] == '/') {
			path->level[path->count++][len] = '\0';
			len = 0;
		} else {
			path->level[path->count][len++] = (char)text.data[i];
		}
	}
	return true;
}

void path_drop(struct path *path, size_t count)
{
	path_expect(count < path->count);
	path->count -= count;
	memmove(path->level[0], path->level[count],
	        path->count * PATH_FILLED_BYTES);
}

bool path_is_topic(const struct path *path)
{
	for (size_t i = 0; i < path->count; i++) {
		if (strpbrk(path->level[i], "+#"))
			return false;
	}
	return path->count <= DEEPEST;
}

bool path_is_filter(const struct path *path)
{
	for (size_t i = 0; i < path->count; i++) {
		const char *level = path->level[i];

		if (strpbrk(level, "+#") && strlen(level) > 1)
			return false;
		if (path_is(level, "#") && i + 1 < path->count)
			return false;
	}
	return path->count <= DEEPEST;
}

bool path_holds(const struct path *filter, const struct path *topic)
{
	size_t fixed = filter->count;
	bool is_open = path_is(filter->level[fixed - 1], "#");

	if (topic->level[0][0] == '$' &&
	    !path_is(topic->level[0], filter->level[0]))
		return false;
	if (is_open)
		fixed--;
	if (is_open ? topic->count < fixed : topic->count != fixed)
		return false;
	for (size_t i = 0; i < fixed; i++) {
		if (!path_is(filter->level[i], "+") &&
		    !path_is(filter->level[i], topic->level[i]))
			return false;
	}
	return true;
}
