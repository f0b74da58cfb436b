/* SPDX-License-Identifier: Apache-2.0 */
#include "type.h"

#include <stdbool.h>
#include <string.h>

#include "config/schema.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* By the end of a name; the first that fits counts. */
static const struct unit {
	const char *suffix;
	const char *phrase;
} units[] = {
	{ "_per_s_per_address", " per second and address" },
	{ "_per_address", " per address" },
	{ "_per_s", " per second" },
	{ "_ms", " of milliseconds" },
	{ "_s", " of seconds" },
	{ "_bytes", " of bytes" },
};

static const char *const types[] = {
	[SCHEMA_BOOL] = "boolean, true or false",
	[SCHEMA_INTEGER] = "number",
	[SCHEMA_SIZE] = "number",
	[SCHEMA_WORD] = "one of ",
	[SCHEMA_TEXT] = "text",
	[SCHEMA_TEXTS] = "list of texts",
	[SCHEMA_GROUP] = "group",
	[SCHEMA_GROUPS] = "list of groups",
};

static bool has_suffix(const char *name, const char *suffix)
{
	size_t len = strlen(name);
	size_t suffix_len = strlen(suffix);

	return len > suffix_len && strcmp(name + len - suffix_len, suffix) == 0;
}

static const char *unit_of(const char *name)
{
	for (size_t i = 0; i < COUNT(units); i++) {
		if (has_suffix(name, units[i].suffix))
			return units[i].phrase;
	}
	return "";
}

static void write_words(const char *const *words, FILE *out)
{
	for (size_t i = 0; words[i] != NULL; i++)
		fprintf(out, "%s\"%s\"", i == 0 ? "" : ", ", words[i]);
}

void type_write(const struct schema_setting *setting, FILE *out)
{
	fputs(types[setting->kind], out);
	if (setting->kind == SCHEMA_WORD)
		write_words(setting->words, out);
	else if (setting->kind == SCHEMA_INTEGER)
		fprintf(out, "%s, from %u to %u", unit_of(setting->name),
		        setting->min, setting->max);
	else if (setting->kind == SCHEMA_SIZE)
		fprintf(out, "%s, 0 or more", unit_of(setting->name));
	else if (setting->min > 0)
		fprintf(out, ", at least %u", setting->min);
}
