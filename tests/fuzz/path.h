/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A topic or filter cut into texts, for the slow references of fuzz targets:
 * nothing of it is shared with what they are to check.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"

#define PATH_LEVELS 160      /* more than the gateway lets through */
#define PATH_LEVEL_BYTES 512 /* of a level as it was cut */
#define PATH_FILLED_BYTES 1100

struct path {
	size_t count; /* at least one */
	char level[PATH_LEVELS][PATH_FILLED_BYTES];
};

/* Ends the program, so that the fuzzer notices. */
void path_expect(bool law);

bool path_is(const char *a, const char *b);

/* Cuts `text`, which holds no NUL; false: there is not the room for it. */
bool path_cut(struct path *path, struct slice text);

/* Forgets the first `count` levels; one is left at least. */
void path_drop(struct path *path, size_t count);

/* Whether wildcards stand where they may, if at all, and it is not too deep. */
bool path_is_filter(const struct path *path);
bool path_is_topic(const struct path *path);

/* Whether `topic` is in the set that `filter` stands for. */
bool path_holds(const struct path *filter, const struct path *topic);
