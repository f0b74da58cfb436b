/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes a configuration as a file that gives the same when it is read.
 */
#pragma once

#include <stdio.h>

struct config;

/* Writes every setting, defaults too; what is not set is left out. */
void config_print(const struct config *config, FILE *out);

/* Writes `text`, which schema_takes_text takes, in quotes. */
void print_text(const char *text, FILE *out);
