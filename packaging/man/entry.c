/* SPDX-License-Identifier: Apache-2.0 */
#include "entry.h"

#include <stdlib.h>

#include "blank.h"
#include "config/schema.h"
#include "initial.h"
#include "phrase.h"
#include "type.h"

static char *place_of(const char *outer, const struct schema_setting *setting)
{
	struct phrase phrase;

	phrase_begin(&phrase);
	if (outer != NULL)
		fprintf(phrase.out, "%s.", outer);
	fprintf(phrase.out, "%s%s", setting->name,
	        setting->kind == SCHEMA_GROUPS ? "[]" : "");
	return phrase_end(&phrase);
}

static char *type_of(const struct schema_setting *setting)
{
	struct phrase phrase;

	phrase_begin(&phrase);
	type_write(setting, phrase.out);
	return phrase_end(&phrase);
}

static char *initial_of(const struct blank_group *group,
                        const struct schema_setting *setting)
{
	struct phrase phrase;

	if (setting->is_required)
		return NULL;
	phrase_begin(&phrase);
	initial_write(group, setting, phrase.out);
	return phrase_end(&phrase);
}

static char *kinds_of(unsigned kinds)
{
	struct phrase phrase;

	if (kinds == BLANK_KIND_ALL)
		return NULL;
	phrase_begin(&phrase);
	blank_write_kinds(kinds, phrase.out);
	return phrase_end(&phrase);
}

void entry_init(struct entry *entry, const char *outer,
                const struct blank_group *group,
                const struct schema_setting *setting)
{
	*entry = (struct entry){
		.place = place_of(outer, setting),
		.is_group = setting->inner != NULL,
		.type = type_of(setting),
		.initial = initial_of(group, setting),
		.kinds = kinds_of(blank_kinds(group, setting)),
		.help = setting->help,
		.example = setting->example,
	};
}

void entry_finish(struct entry *entry)
{
	free(entry->place);
	free(entry->type);
	free(entry->initial);
	free(entry->kinds);
}
