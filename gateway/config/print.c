/* SPDX-License-Identifier: Apache-2.0 */
#include "config/print.h"

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "config/config.h"
#include "config/kind.h"
#include "config/schema.h"

#define DEEPEST 8 /* groups within groups; the table has 3 */

/* A group that is being written. */
struct level {
	const struct schema *schema;
	const char *from;
	size_t setting; /* the next to write */
	size_t element; /* of that, when it is a list: the next to write */
	const char *end;
	size_t indent;
	unsigned kinds; /* the set with the kind of the route it is in */
};

struct printer {
	struct level levels[DEEPEST];
	size_t depth;
	FILE *out;
};

void print_text(const char *text, FILE *out)
{
	fputc('"', out);
	for (; *text != '\0'; text++) {
		if (*text == '"' || *text == '\\')
			fputc('\\', out);
		fputc(*text, out);
	}
	fputc('"', out);
}

static void indent(const struct level *level, FILE *out)
{
	for (size_t i = 0; i < level->indent; i++)
		fputs("  ", out);
}

static void enter(struct printer *printer, struct level level)
{
	assert(printer->depth < DEEPEST);
	printer->levels[printer->depth++] = level;
}

static void leave(struct printer *printer)
{
	struct level level = printer->levels[--printer->depth];

	if (level.indent > 0)
		level.indent--;
	indent(&level, printer->out);
	fputs(level.end, printer->out);
}

static bool has_value(const struct schema_setting *setting, const void *member)
{
	if (setting->kind == SCHEMA_TEXT)
		return ((const struct config_text *)member)->value != NULL;
	if (setting->kind == SCHEMA_INTEGER)
		return *(const uint32_t *)member >= setting->min;
	if (setting->kind == SCHEMA_GROUP && setting->inner->is_set != 0)
		return *((const bool *)member + setting->inner->is_set);
	return true;
}

static bool is_set(const struct level *level,
                   const struct schema_setting *setting)
{
	const void *other = level->from + setting->belongs_to;

	if (!kind_takes(setting, level->kinds))
		return false;
	if (setting->belongs_to != 0 &&
	    ((const struct config_text *)other)->value == NULL)
		return false;
	return has_value(setting, level->from + setting->offset);
}

static void print_texts(const struct config_texts *texts, FILE *out)
{
	fputs("[", out);
	for (size_t i = 0; i < texts->count; i++) {
		fputs(i == 0 ? "" : ", ", out);
		print_text(texts->list[i].value, out);
	}
	fputs("]", out);
}

bool print_value(const struct schema_setting *setting, const void *member,
                 FILE *out)
{
	if (!has_value(setting, member))
		return false;
	switch (setting->kind) {
	case SCHEMA_BOOL:
		fputs(*(const bool *)member ? "true" : "false", out);
		break;
	case SCHEMA_INTEGER:
		fprintf(out, "%u", *(const uint32_t *)member);
		break;
	case SCHEMA_SIZE:
		fprintf(out, "%llu",
		        (unsigned long long)((const struct config_size *)member)
		            ->value);
		break;
	case SCHEMA_WORD:
		print_text(setting->words[*(const unsigned *)member], out);
		break;
	case SCHEMA_TEXT:
		print_text(((const struct config_text *)member)->value, out);
		break;
	case SCHEMA_TEXTS:
		print_texts(member, out);
		break;
	case SCHEMA_GROUP:
	case SCHEMA_GROUPS:
		break;
	}
	return true;
}

/* Begins the next group of a list, or ends the list. */
static void print_element(struct printer *printer, struct level *level,
                          const struct schema_setting *setting)
{
	struct level inner = { .schema = setting->inner };
	size_t element = level->element++;
	size_t count;

	memcpy(&count, level->from + setting->count_offset, sizeof(count));
	memcpy(&inner.from, level->from + setting->offset, sizeof(inner.from));
	if (element == 0) {
		indent(level, printer->out);
		fprintf(printer->out, "%s = (\n", setting->name);
	}
	if (element == count) {
		indent(level, printer->out);
		fputs(");\n", printer->out);
		level->setting++;
		level->element = 0;
		return;
	}
	inner.from += element * inner.schema->size;
	inner.end = element + 1 < count ? "},\n" : "}\n";
	inner.indent = level->indent + 2;
	inner.kinds = kind_of(inner.schema, inner.from, level->kinds);
	indent(level, printer->out);
	fputs("  {\n", printer->out);
	enter(printer, inner);
}

static void print_setting(struct printer *printer, struct level *level)
{
	const struct schema_setting *setting =
	    &level->schema->settings[level->setting];
	struct level inner = { .schema = setting->inner,
		               .from = level->from + setting->offset,
		               .end = "};\n",
		               .indent = level->indent + 1,
		               .kinds = level->kinds };

	if (setting->kind == SCHEMA_GROUPS) {
		print_element(printer, level, setting);
		return;
	}
	level->setting++;
	if (!is_set(level, setting))
		return;
	indent(level, printer->out);
	fprintf(printer->out, "%s = ", setting->name);
	if (setting->kind == SCHEMA_GROUP) {
		fputs("{\n", printer->out);
		enter(printer, inner);
	} else if (print_value(setting, inner.from, printer->out)) {
		fputs(";\n", printer->out);
	}
}

void config_print(const struct config *config, FILE *out)
{
	struct printer printer = { .out = out };

	enter(&printer, (struct level){ .schema = &schema_root,
	                                .from = (const char *)config,
	                                .end = "",
	                                .kinds = KIND_ALL });
	while (printer.depth > 0) {
		struct level *level = &printer.levels[printer.depth - 1];

		if (level->setting == level->schema->count)
			leave(&printer);
		else
			print_setting(&printer, level);
	}
}
