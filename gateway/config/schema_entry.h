/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How the files of the table of settings (config/schema.h) write it: a macro
 * for each kind of setting, and the groups that have a file of their own.
 *
 * For those files only.
 */
#pragma once

#include "config/schema.h"

extern const struct schema schema_listener;
extern const struct schema schema_upstream;
extern const struct schema schema_route;

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Table entries whose setting is named as the member. */
#define ENTRY(group, member, type)                                             \
	.name = #member, .kind = (type), .offset = offsetof(group, member)
#define BOOL(group, member, value, sentence, sample)                           \
	{                                                                      \
		ENTRY(group, member, SCHEMA_BOOL), .initial = (value),         \
		                                   .help = (sentence),         \
		                                   .example = (sample)         \
	}
#define NUMBER(group, member, low, high, value, sentence, sample)              \
	{                                                                      \
		ENTRY(group, member, SCHEMA_INTEGER),                          \
		    .min = (low), .max = (high), .initial = (value),           \
		    .help = (sentence), .example = (sample)                    \
	}
#define SIZE(group, member, sentence, sample)                                  \
	{                                                                      \
		ENTRY(group, member, SCHEMA_SIZE), .help = (sentence),         \
		                                   .example = (sample)         \
	}
#define WORD(group, member, list, value, sentence, sample)                     \
	{                                                                      \
		ENTRY(group, member, SCHEMA_WORD),                             \
		    .words = (list), .initial = (value), .help = (sentence),   \
		    .example = (sample)                                        \
	}
#define TEXT(group, member, required, sentence, sample)                        \
	{                                                                      \
		ENTRY(group, member, SCHEMA_TEXT), .is_required = (required),  \
		                                   .help = (sentence),         \
		                                   .example = (sample)         \
	}
#define TEXTS(group, member, fewest, sentence, sample)                         \
	{                                                                      \
		ENTRY(group, member, SCHEMA_TEXTS),                            \
		    .is_required = (fewest) > 0, .min = (fewest),              \
		    .help = (sentence), .example = (sample)                    \
	}
#define GROUP(group, member, schema, sentence, sample)                         \
	{                                                                      \
		ENTRY(group, member, SCHEMA_GROUP), .inner = &(schema),        \
		                                    .help = (sentence),        \
		                                    .example = (sample)        \
	}
#define GROUPS_IN(group, member, number, fewest, schema, sentence, sample)     \
	{                                                                      \
		ENTRY(group, member, SCHEMA_GROUPS),                           \
		    .count_offset = offsetof(group, number),                   \
		    .is_required = (fewest) > 0, .min = (fewest),              \
		    .inner = &(schema), .help = (sentence),                    \
		    .example = (sample)                                        \
	}
#define GROUPS(member, number, fewest, schema, sentence, sample)               \
	GROUPS_IN(struct config, member, number, fewest, schema, sentence,     \
	          sample)
