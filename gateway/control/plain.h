/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Texts that strangers may have chosen, as they can go to a terminal or into
 * JSON.
 */
#pragma once

#include <stdio.h>

struct json_writer;

/* As in the log: what is not printable ASCII is written as \xNN. */
void plain_print(FILE *out, const char *text);

/* As it is if it is UTF-8, else the same. */
void plain_write_json(struct json_writer *writer, const char *name,
                      const char *text);
