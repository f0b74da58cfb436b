/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Laws: a filter is read, and matches, as a reader does that cuts it into
 * levels; covers and overlaps are what comes out when all topics of a small
 * world are tried.
 *
 * The input is lines, each of them a topic or filter.
 */
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/slice.h"
#include "mqtt/filter.h"
#include "mqtt/topic.h"
#include "mqtt/utf8.h"

#include "path.h"

#define LINES_MAX 4
#define INPUT_MAX 4096
#define DEPTH_MAX 4
#define NAMES_MAX 6
#define FRESH "\x01" /* a level that no valid filter names */

/* What all topics together say of two filters. */
struct world {
	const struct path *outer;
	const struct path *inner;
	const char *names[NAMES_MAX];
	size_t name_count;
	bool is_too_large; /* more names than there is room for */
	bool is_covered;
	bool is_shared;
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void add_name(struct world *world, const char *name)
{
	for (size_t i = 0; i < world->name_count; i++) {
		if (path_is(name, world->names[i]))
			return;
	}
	if (world->name_count < NAMES_MAX)
		world->names[world->name_count++] = name;
	else
		world->is_too_large = true;
}

/* The levels of both, the empty one, and one that neither has. */
static void find_names(struct world *world)
{
	const struct path *both[] = { world->outer, world->inner };

	add_name(world, FRESH);
	add_name(world, "");
	for (size_t i = 0; i < 2; i++) {
		for (size_t j = 0; j < both[i]->count; j++) {
			const char *level = both[i]->level[j];

			if (!path_is(level, "+") && !path_is(level, "#"))
				add_name(world, level);
		}
	}
}

static void look_at(struct world *world, const struct path *topic)
{
	bool in_outer = path_holds(world->outer, topic);
	bool in_inner = path_holds(world->inner, topic);

	if (topic->count == 1 && path_is(topic->level[0], ""))
		return; /* the empty topic cannot exist */
	if (in_inner && !in_outer)
		world->is_covered = false;
	if (in_inner && in_outer)
		world->is_shared = true;
}

/* Counts through all topics of `depth` levels. */
static void look_at_depth(struct world *world, size_t depth)
{
	static struct path topic;
	size_t digits[DEPTH_MAX] = { 0 };
	size_t at = 0;

	topic.count = depth;
	while (at < depth) {
		for (size_t i = 0; i < depth; i++) {
			const char *name = world->names[digits[i]];

			memcpy(topic.level[i], name, strlen(name) + 1);
		}
		look_at(world, &topic);
		for (at = 0; at < depth; at++) {
			digits[at] = (digits[at] + 1) % world->name_count;
			if (digits[at] != 0)
				break;
		}
	}
}

static void check_pair(struct slice one, struct slice other)
{
	static struct path outer, inner;
	struct world world = { .outer = &outer,
		               .inner = &inner,
		               .is_covered = true };
	size_t depth;

	if (!path_cut(&outer, one) || !path_cut(&inner, other))
		return;
	depth = (outer.count > inner.count ? outer.count : inner.count) + 1;
	find_names(&world);
	if (depth > DEPTH_MAX || world.is_too_large)
		return;
	for (size_t i = 1; i <= depth; i++)
		look_at_depth(&world, i);
	path_expect(mqtt_filter_covers(one, other) == world.is_covered);
	path_expect(mqtt_filter_overlaps(one, other) == world.is_shared);
	path_expect(mqtt_filter_overlaps(other, one) == world.is_shared);
}

static bool is_shared_filter(struct path *path)
{
	if (path->count < 3 || path_is(path->level[1], "") ||
	    strpbrk(path->level[1], "+#") || path->count > MQTT_TOPIC_LEVELS)
		return false;
	path_drop(path, 2);
	if (path->count == 1 && path_is(path->level[0], ""))
		return false;
	return !path_is(path->level[0], "$share") && path_is_filter(path);
}

/* Whether `text` is a filter; if so, gives it without group. */
static bool check_reading(struct slice text, struct slice *filter)
{
	static struct path path;
	struct slice group;
	enum mqtt_filter kind = mqtt_filter_read(text, &group, filter);
	bool is_good = text.len > 0 && mqtt_utf8_is_string(text);
	bool is_name = is_good;
	bool is_shared;

	if (is_good && !path_cut(&path, text))
		return false;
	is_shared = is_good && path_is(path.level[0], "$share");
	is_name = is_good && path_is_topic(&path);
	is_good = is_good &&
	          (is_shared ? is_shared_filter(&path) : path_is_filter(&path));
	path_expect(mqtt_topic_is_name(text) == is_name);
	if (!is_good)
		path_expect(kind == MQTT_FILTER_MALFORMED);
	else
		path_expect(kind == (is_shared ? MQTT_FILTER_SHARED
		                               : MQTT_FILTER_PLAIN));
	return is_good;
}

static void check_match(struct slice filter, struct slice topic)
{
	static struct path wild, name;

	if (!path_cut(&wild, filter) || !path_cut(&name, topic))
		return;
	path_expect(mqtt_filter_matches(filter, topic) ==
	            path_holds(&wild, &name));
}

static size_t cut_lines(struct slice data, struct slice *lines)
{
	size_t count = 0;

	while (count < LINES_MAX) {
		const uint8_t *end = NULL;

		if (data.len > 0)
			end = memchr(data.data, '\n', data.len);
		if (!end) {
			lines[count++] = data;
			break;
		}
		lines[count++] = slice_take(&data, (size_t)(end - data.data));
		(void)slice_take(&data, 1);
	}
	return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice lines[LINES_MAX], filters[LINES_MAX];
	size_t line_count, filter_count = 0;

	if (size > INPUT_MAX)
		return 0;
	line_count = cut_lines((struct slice){ data, size }, lines);
	for (size_t i = 0; i < line_count; i++) {
		if (check_reading(lines[i], &filters[filter_count]))
			filter_count++;
	}
	for (size_t i = 0; i < filter_count; i++) {
		for (size_t j = 0; j < filter_count; j++)
			check_pair(filters[i], filters[j]);
		for (size_t j = 0; j < line_count; j++) {
			if (mqtt_topic_is_name(lines[j]))
				check_match(filters[i], lines[j]);
		}
	}
	return 0;
}
