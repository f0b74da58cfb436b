/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Carries libconfig's tree over into the structs, group by group.
 *
 * Follows the table; groups within groups wait in a queue, so nothing here
 * recurses however the file is nested. Values are config/value.h's.
 */
#pragma once

#include <libconfig.h>

struct reader;

/*
 * Reads the whole tree under `root`, which is that of `file`, into the
 * reader's configuration; without a `root` it sets every default.
 */
void walk_tree(struct reader *reader, const char *file,
               const config_setting_t *root);
