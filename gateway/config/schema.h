/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of settings: names, types, ranges, defaults, one sentence each.
 *
 * The single source. The reader, `print-config`, the manual page and the
 * example file all follow it; a setting that is not here does not exist. What
 * several settings mean together is config/check.h's.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum schema_kind {
	SCHEMA_BOOL = 0, /* bool */
	SCHEMA_INTEGER,  /* uint32_t */
	SCHEMA_SIZE,     /* struct config_size; any number of octets */
	SCHEMA_WORD,     /* an enum */
	SCHEMA_TEXT,     /* struct config_text */
	SCHEMA_TEXTS,    /* struct config_texts */
	SCHEMA_GROUP,    /* the inner struct, in place */
	SCHEMA_GROUPS,   /* pointer to the inner structs, and their number */
};

struct schema_setting {
	const char *name;
	enum schema_kind kind;
	bool is_required;
	bool may_be_empty;   /* TEXT */
	unsigned kinds;      /* of route that it is for (config/kind.h) */
	size_t offset;       /* of the member in the struct of its group */
	size_t count_offset; /* GROUPS: of the size_t with their number */
	size_t belongs_to;   /* offset of the text it is good for; 0: none */
	uint32_t min;        /* INTEGER; TEXTS and GROUPS: fewest entries */
	uint32_t max;        /* INTEGER */
	uint32_t initial; /* INTEGER: below `min` is "not set"; WORD: index */
	const char *initial_text;   /* TEXT; NULL: not set */
	const char *const *words;   /* WORD: by value, up to a NULL */
	const struct schema *inner; /* GROUP, GROUPS */
	const char *help;           /* one sentence, without its full stop */
	const char *example; /* lines for its group, with what it wants there */
};

struct schema {
	const char *name; /* what one such group is called: "listener" */
	const struct schema_setting *settings;
	size_t count;
	size_t size;    /* of the struct that it fills */
	bool has_place; /* the struct begins with its struct config_place */
	size_t is_set;  /* offset of its bool of this name; 0: it has none */
	size_t kind;    /* offset of its word of this name; 0: it has none */
};

/* The whole configuration. */
extern const struct schema schema_root;

/* The setting of that name; NULL: unknown. */
const struct schema_setting *schema_find(const struct schema *schema,
                                         const char *name);

/*
 * Whether any text setting may hold `text`: not empty, no control characters
 * (libconfig's escapes can write any byte).
 */
bool schema_takes_text(const char *text);
