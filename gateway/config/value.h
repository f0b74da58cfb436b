/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads the value of one setting from libconfig's tree, by its table entry.
 *
 * A value of the wrong type or out of its range is a problem that says what
 * to write; the default then stays. Groups are config/reader.h's.
 */
#pragma once

#include <libconfig.h>

#include "config/problem.h"

struct config;
struct schema_setting;

struct value {
	struct config *config; /* owns what is copied */
	struct problems *problems;
	const struct schema_setting *setting;
	const config_setting_t *from;
	const char *file;
};

/* Where `value` stands. */
struct config_place value_place(const struct value *value);

/* Reads a bool, integer, word, text or texts into `member`. */
void value_read(const struct value *value, void *member);

/* Sets `member` to the default of `setting`; lists and groups stay as they are.
 */
void value_default(struct config *config, const struct schema_setting *setting,
                   void *member);

/* Adds the problem: this is not what the setting wants. */
void value_refuse(const struct value *value);
