/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes a configuration as a file that gives the same when it is read.
 */
#pragma once

#include <stdbool.h>
#include <stdio.h>

struct config;
struct schema_setting;

/* Writes every setting, defaults too; what is not set is left out. */
void config_print(const struct config *config, FILE *out);

/* Writes `text`, which schema_takes_text takes, in quotes. */
void print_text(const char *text, FILE *out);

/* Writes the value at `member`, nothing of a group; false: it is not set. */
bool print_value(const struct schema_setting *setting, const void *member,
                 FILE *out);
