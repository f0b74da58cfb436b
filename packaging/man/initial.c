/* SPDX-License-Identifier: Apache-2.0 */
#include "initial.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "blank.h"
#include "config/print.h"
#include "config/schema.h"
#include "phrase.h"

static bool may_miss(const struct schema_setting *setting)
{
	return setting->kind == SCHEMA_GROUPS || setting->inner->is_set != 0;
}

/* Of a member of a configuration. */
static char *text_of(const struct schema_setting *setting, const char *member)
{
	struct phrase phrase;

	phrase_begin(&phrase);
	if (setting->inner != NULL)
		fputs(may_miss(setting) ? "none"
		                        : "that of each of its settings",
		      phrase.out);
	else if (!print_value(setting, member, phrase.out))
		fputs("none", phrase.out);
	return phrase_end(&phrase);
}

/* The kinds among `kinds` whose text is that of `first`. */
static unsigned find_alike(char *const *texts, unsigned kinds, unsigned first)
{
	unsigned alike = 0;

	for (unsigned kind = first; kind < BLANK_KINDS; kind++) {
		if ((kinds & KIND_SET(kind)) != 0 &&
		    strcmp(texts[kind], texts[first]) == 0)
			alike |= KIND_SET(kind);
	}
	return alike;
}

static void write_by_kind(char *const *texts, unsigned kinds, FILE *out)
{
	unsigned all = kinds;

	for (unsigned kind = 0; kind < BLANK_KINDS; kind++) {
		unsigned alike;

		if ((kinds & KIND_SET(kind)) == 0)
			continue;
		alike = find_alike(texts, kinds, kind);
		fprintf(out, "%s%s", kinds == all ? "" : "; ", texts[kind]);
		if (alike != all) {
			fputs(" (", out);
			blank_write_kinds(alike, out);
			fputs(")", out);
		}
		kinds &= ~alike;
	}
}

/* What tells the blank configurations apart is set, and has one default. */
static unsigned find_kinds(const struct blank_group *group,
                           const struct schema_setting *setting)
{
	if (group->schema->kind != 0 && group->schema->kind == setting->offset)
		return KIND_SET(setting->initial);
	return blank_kinds(group, setting);
}

void initial_write(const struct blank_group *group,
                   const struct schema_setting *setting, FILE *out)
{
	unsigned kinds = find_kinds(group, setting);
	char *texts[BLANK_KINDS];

	for (unsigned kind = 0; kind < BLANK_KINDS; kind++)
		texts[kind] =
		    text_of(setting, group->from[kind] + setting->offset);
	write_by_kind(texts, kinds, out);
	for (unsigned kind = 0; kind < BLANK_KINDS; kind++)
		free(texts[kind]);
}
