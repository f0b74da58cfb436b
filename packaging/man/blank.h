/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Configurations in which nothing is set: one for each kind of route.
 *
 * The gateway's own reader makes them, so what they hold is what it would
 * use: the defaults. Each list of groups has one group, as empty.
 */
#pragma once

#include <stdio.h>

#include "config/kind.h"

#define BLANK_KINDS (CONFIG_KIND_CHANNEL + 1)
#define BLANK_KIND_ALL (KIND_SET(BLANK_KINDS) - 1)

struct blank {
	struct config *configs[BLANK_KINDS];
};

/* A group of the table, and where it is in each of them. */
struct blank_group {
	const struct schema *schema;
	const char *from[BLANK_KINDS];
	unsigned kinds; /* of route that know it */
};

void blank_init(struct blank *blank);
void blank_finish(struct blank *blank);

/* The whole of them. */
struct blank_group blank_root(const struct blank *blank);

/* The group, or the one of the list, that `setting` of `group` is. */
struct blank_group blank_inner(const struct blank_group *group,
                               const struct schema_setting *setting);

/* The kinds that know `setting` of `group`, as a set (config/kind.h). */
unsigned blank_kinds(const struct blank_group *group,
                     const struct schema_setting *setting);

/* Writes "json, channel". */
void blank_write_kinds(unsigned kinds, FILE *out);
