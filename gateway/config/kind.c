/* SPDX-License-Identifier: Apache-2.0 */
#include "config/kind.h"

#include <stdio.h>
#include <string.h>

#include <libconfig.h>

#include "config/memory.h"
#include "config/schema.h"
#include "config/value.h"

#define PHRASE_BYTES 80
#define FRAME_BYTES 1048576 /* kept whole, unlike an MQTT packet */

const char *const kind_words[] = {
	[CONFIG_KIND_MQTT] = "mqtt",
	[CONFIG_KIND_JSON] = "json",
	[CONFIG_KIND_CHANNEL] = "channel",
	NULL,
};

struct kind_default {
	uint32_t packet_bytes;
	const char *subprotocols[3]; /* up to a NULL */
};

static const struct kind_default defaults[] = {
	[CONFIG_KIND_MQTT] = { 268435455, { "mqtt", "mqttv3.1" } },
	[CONFIG_KIND_JSON] = { FRAME_BYTES, { "json.postern.v1" } },
	[CONFIG_KIND_CHANNEL] = { FRAME_BYTES, { NULL } },
};

bool kind_takes(const struct schema_setting *setting, unsigned kinds)
{
	return setting->kinds == 0 || (setting->kinds & kinds) != 0;
}

unsigned kind_of(const struct schema *schema, const char *from, unsigned outer)
{
	enum config_kind kind;

	if (schema->kind == 0)
		return outer;
	memcpy(&kind, from + schema->kind, sizeof(kind));
	return KIND_SET(kind);
}

unsigned kind_read(const struct schema *schema,
                   const struct config_setting_t *from)
{
	const config_setting_t *named = config_setting_get_member(from, "kind");
	const char *word;

	if (schema->kind == 0)
		return KIND_ALL;
	if (named == NULL)
		return KIND_SET(schema_find(schema, "kind")->initial);
	word = config_setting_get_string(named);
	for (unsigned i = 0; word != NULL && kind_words[i] != NULL; i++) {
		if (strcmp(kind_words[i], word) == 0)
			return KIND_SET(i);
	}
	return KIND_ALL;
}

static void join_kinds(unsigned kinds, char *phrase)
{
	size_t len = 0;

	for (unsigned i = 0; kind_words[i] != NULL && len < PHRASE_BYTES; i++) {
		int added = 0;

		if ((kinds & KIND_SET(i)) != 0)
			added = snprintf(phrase + len, PHRASE_BYTES - len,
			                 "%s\"%s\"", len == 0 ? "" : " or ",
			                 kind_words[i]);
		len += added > 0 ? (size_t)added : 0;
	}
}

void kind_refuse(const struct value *value, unsigned kinds)
{
	char wish[PHRASE_BYTES];
	char found[PHRASE_BYTES];

	join_kinds(value->setting->kinds, wish);
	join_kinds(kinds, found);
	problem_error(value->problems, value_place(value),
	              "\"%s\" is for routes of kind %s, and this one is of "
	              "kind %s: take it out, or change the kind (%s)",
	              value->setting->name, wish, found, value->setting->help);
}

static void fill_texts(struct config *config, const char *const *texts,
                       struct config_texts *member)
{
	size_t count = 0;

	while (texts[count] != NULL)
		count++;
	member->list = memory_take(config, count, sizeof(*member->list));
	member->count = count;
	for (size_t i = 0; i < count; i++)
		member->list[i].value = memory_copy(config, texts[i]);
}

void kind_fill(struct config *config)
{
	for (size_t i = 0; i < config->route_count; i++) {
		struct config_route *route = &config->routes[i];
		const struct kind_default *initial = &defaults[route->kind];

		if (route->limits.packet_bytes == 0)
			route->limits.packet_bytes = initial->packet_bytes;
		if (route->subprotocols.list == NULL)
			fill_texts(config, initial->subprotocols,
			           &route->subprotocols);
	}
}
