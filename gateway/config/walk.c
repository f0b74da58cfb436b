/* SPDX-License-Identifier: Apache-2.0 */
#include "config/walk.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "config/kind.h"
#include "config/memory.h"
#include "config/nearest.h"
#include "config/reader.h"
#include "config/schema.h"
#include "config/value.h"

static_assert(sizeof(enum config_kind) == sizeof(unsigned), "words fit");
static_assert(offsetof(struct config_listener, place) == 0, "place leads");
static_assert(offsetof(struct config_listener_tls, place) == 0, "place leads");
static_assert(offsetof(struct config_certificate, place) == 0, "place leads");
static_assert(offsetof(struct config_upstream, place) == 0, "place leads");
static_assert(offsetof(struct config_acl, place) == 0, "place leads");
static_assert(offsetof(struct config_route, place) == 0, "place leads");
static_assert(offsetof(struct config_will, place) == 0, "place leads");

/* A group that waits to be read into its struct. */
struct group {
	const struct schema *schema;
	const config_setting_t *from; /* NULL: set the defaults */
	char *into;
	unsigned kinds; /* that the route it is in may be of */
};

/* The groups of one text: those inside others come after them. */
struct walk {
	struct reader *reader;
	const char *file;
	struct group *queue;
	size_t count;
	size_t next;
};

static void push(struct walk *walk, struct group group)
{
	size_t size = (walk->count + 1) * sizeof(group);

	walk->queue = memory_checked(realloc(walk->queue, size));
	walk->queue[walk->count++] = group;
}

static void set_defaults(struct walk *walk, const struct group *group)
{
	for (size_t i = 0; i < group->schema->count; i++) {
		const struct schema_setting *setting =
		    &group->schema->settings[i];
		char *member = group->into + setting->offset;

		if (setting->kind == SCHEMA_GROUP)
			push(walk, (struct group){ .schema = setting->inner,
			                           .into = member });
		else
			value_default(walk->reader->config, setting, member);
	}
}

/* Makes room for `more` structs behind those that are there. */
static char *grow(struct config *config, const struct schema_setting *setting,
                  char *into, size_t more)
{
	size_t size = setting->inner->size;
	size_t count;
	char *list;
	char *grown;

	memcpy(&list, into + setting->offset, sizeof(list));
	memcpy(&count, into + setting->count_offset, sizeof(count));
	grown = memory_take(config, count + more, size);
	if (count > 0)
		memcpy(grown, list, count * size);
	list = grown;
	grown += count * size;
	count += more;
	memcpy(into + setting->offset, &list, sizeof(list));
	memcpy(into + setting->count_offset, &count, sizeof(count));
	return grown;
}

static bool are_groups(const struct value *value)
{
	int count = config_setting_length(value->from);

	if (!config_setting_is_list(value->from) ||
	    (uint32_t)count < value->setting->min)
		return false;
	for (int i = 0; i < count; i++) {
		if (!config_setting_is_group(
		        config_setting_get_elem(value->from, (unsigned)i)))
			return false;
	}
	return true;
}

static void read_groups(struct walk *walk, const struct value *value,
                        char *into)
{
	const struct schema *inner = value->setting->inner;
	size_t count = (size_t)config_setting_length(value->from);
	char *added;

	if (!are_groups(value)) {
		value_refuse(value);
		return;
	}
	added = grow(value->config, value->setting, into, count);
	for (size_t i = 0; i < count; i++) {
		struct group group = { .schema = inner,
			               .into = added + i * inner->size };

		push(walk, group);
		group.from = config_setting_get_elem(value->from, (unsigned)i);
		group.kinds = kind_read(inner, group.from);
		push(walk, group);
	}
}

static void read_member(struct walk *walk, const struct value *value,
                        const struct group *group)
{
	const struct schema_setting *setting = value->setting;
	char *member = group->into + setting->offset;

	if (!kind_takes(setting, group->kinds))
		kind_refuse(value, group->kinds);
	else if (setting->kind == SCHEMA_GROUPS)
		read_groups(walk, value, group->into);
	else if (setting->kind != SCHEMA_GROUP)
		value_read(value, member);
	else if (config_setting_is_group(value->from))
		push(walk, (struct group){ setting->inner, value->from, member,
		                           group->kinds });
	else
		value_refuse(value);
}

static const char *article(const char *name)
{
	return strchr("Aaeiou", name[0]) != NULL ? "an" : "a";
}

static void refuse_unknown(struct walk *walk, const struct schema *schema,
                           const config_setting_t *from)
{
	const char *name = config_setting_name(from);
	const char *nearest = nearest_name(schema, name);
	struct config_place place = { walk->file,
		                      config_setting_source_line(from) };

	if (nearest != NULL)
		problem_error(walk->reader->problems, place,
		              "unknown setting \"%.60s\", did you mean \"%s\"?",
		              name, nearest);
	else
		problem_error(walk->reader->problems, place,
		              "unknown setting \"%.60s\": %s %s has none "
		              "like it",
		              name, article(schema->name), schema->name);
}

/* Whether an earlier text has set it already, unless it is a list. */
static bool is_repeated(struct reader *reader, const struct value *value)
{
	size_t index = (size_t)(value->setting - schema_root.settings);
	struct config_place *set = &reader->set[index];
	char before[PROBLEM_PLACE_BYTES];

	if (set->file == NULL) {
		*set = value_place(value);
		return false;
	}
	if (value->setting->kind == SCHEMA_GROUPS)
		return false;
	problem_place(*set, before, sizeof(before));
	problem_error(reader->problems, value_place(value),
	              "\"%s\" is already set at %s: keep one of them",
	              value->setting->name, before);
	return true;
}

static void read_members(struct walk *walk, const struct group *group)
{
	struct reader *reader = walk->reader;
	int count = config_setting_length(group->from);

	for (int i = 0; i < count; i++) {
		const config_setting_t *from =
		    config_setting_get_elem(group->from, (unsigned)i);
		struct value value = {
			.config = reader->config,
			.problems = reader->problems,
			.setting = schema_find(group->schema,
			                       config_setting_name(from)),
			.from = from,
			.file = walk->file,
		};

		if (value.setting == NULL)
			refuse_unknown(walk, group->schema, from);
		else if (group->schema != &schema_root ||
		         !is_repeated(reader, &value))
			read_member(walk, &value, group);
	}
}

static void miss_members(struct walk *walk, const struct group *group)
{
	struct config_place place = { walk->file,
		                      config_setting_source_line(group->from) };

	for (size_t i = 0; i < group->schema->count; i++) {
		const struct schema_setting *setting =
		    &group->schema->settings[i];

		if (setting->is_required &&
		    !config_setting_get_member(group->from, setting->name))
			problem_error(walk->reader->problems, place,
			              "this %s wants \"%s\" (%s)",
			              group->schema->name, setting->name,
			              setting->help);
	}
}

static void read_group(struct walk *walk, const struct group *group)
{
	const struct schema *schema = group->schema;

	if (schema->has_place)
		*(struct config_place *)(void *)group->into =
		    (struct config_place){
			    walk->file, config_setting_source_line(group->from)
		    };
	if (schema->is_set != 0)
		*(bool *)(group->into + schema->is_set) = true;
	read_members(walk, group);
	if (schema != &schema_root)
		miss_members(walk, group);
}

void walk_tree(struct reader *reader, const char *file,
               const config_setting_t *root)
{
	struct walk walk = { .reader = reader, .file = file };

	push(&walk, (struct group){ &schema_root, root, (char *)reader->config,
	                            KIND_ALL });
	while (walk.next < walk.count) {
		struct group group = walk.queue[walk.next++];

		if (group.from == NULL)
			set_defaults(&walk, &group);
		else
			read_group(&walk, &group);
	}
	free(walk.queue);
}
