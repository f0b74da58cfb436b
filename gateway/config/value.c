/* SPDX-License-Identifier: Apache-2.0 */
#include "config/value.h"

#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "config/config.h"
#include "config/memory.h"
#include "config/schema.h"

#define PHRASE_BYTES 200

static const char *const wishes[] = {
	[SCHEMA_BOOL] = "true or false",
	[SCHEMA_SIZE] = "a number of bytes, 0 or more",
	[SCHEMA_TEXT] = "a text, in quotes",
	[SCHEMA_TEXTS] = "a list of texts, like [\"...\", \"...\"]",
	[SCHEMA_GROUP] = "a group, like { ... }",
	[SCHEMA_GROUPS] = "a list of groups, like ( { ... }, { ... } )",
};

struct config_place value_place(const struct value *value)
{
	return (struct config_place){ value->file,
		                      config_setting_source_line(value->from) };
}

static bool is_list(const config_setting_t *from)
{
	return config_setting_is_array(from) || config_setting_is_list(from);
}

static void join_words(const char *const *words, char *phrase)
{
	size_t len = 0;

	for (; *words != NULL && len < PHRASE_BYTES; words++) {
		const char *gap = len == 0           ? ""
		                  : words[1] == NULL ? " or "
		                                     : ", ";
		int added = snprintf(phrase + len, PHRASE_BYTES - len,
		                     "%s\"%s\"", gap, *words);

		len += added > 0 ? (size_t)added : 0;
	}
}

static void say_wish(const struct schema_setting *setting, char *phrase)
{
	if (setting->kind == SCHEMA_INTEGER)
		snprintf(phrase, PHRASE_BYTES, "a whole number from %u to %u",
		         setting->min, setting->max);
	else if (setting->kind == SCHEMA_WORD)
		join_words(setting->words, phrase);
	else
		snprintf(phrase, PHRASE_BYTES, "%s", wishes[setting->kind]);
}

static void say_text(const struct value *value, char *phrase)
{
	const char *text = config_setting_get_string(value->from);

	if (text[0] == '\0')
		snprintf(phrase, PHRASE_BYTES, "an empty text");
	else if (!schema_takes_text(text))
		snprintf(phrase, PHRASE_BYTES, "control characters");
	else
		snprintf(phrase, PHRASE_BYTES, "\"%.40s\"", text);
}

static void say_found(const struct value *value, char *phrase)
{
	long long number = config_setting_get_int64(value->from);
	const char *found = "a group";

	if (config_setting_type(value->from) == CONFIG_TYPE_STRING) {
		say_text(value, phrase);
		return;
	}
	if (config_setting_is_number(value->from) && number > LLONG_MIN &&
	    number < LLONG_MAX) {
		snprintf(phrase, PHRASE_BYTES, "%lld", number);
		return;
	}
	if (config_setting_is_number(value->from))
		found = "a number that long";
	else if (config_setting_type(value->from) == CONFIG_TYPE_BOOL)
		found = config_setting_get_bool(value->from) ? "true" : "false";
	else if (is_list(value->from))
		found = config_setting_length(value->from) > 0
		            ? "a list"
		            : "an empty list";
	snprintf(phrase, PHRASE_BYTES, "%s", found);
}

void value_refuse(const struct value *value)
{
	char wish[PHRASE_BYTES];
	char found[PHRASE_BYTES];

	say_wish(value->setting, wish);
	say_found(value, found);
	problem_error(value->problems, value_place(value),
	              "\"%s\" wants %s, not %s (%s)", value->setting->name,
	              wish, found, value->setting->help);
}

static bool read_bool(const struct value *value, bool *member)
{
	if (config_setting_type(value->from) != CONFIG_TYPE_BOOL)
		return false;
	*member = config_setting_get_bool(value->from) != CONFIG_FALSE;
	return true;
}

static bool read_integer(const struct value *value, uint32_t *member)
{
	long long number = config_setting_get_int64(value->from);

	/* All are 64 bits wide by now: config/rewrite.h */
	if (config_setting_type(value->from) != CONFIG_TYPE_INT64 ||
	    number < value->setting->min || number > value->setting->max)
		return false;
	*member = (uint32_t)number;
	return true;
}

static bool read_size(const struct value *value, struct config_size *member)
{
	long long number = config_setting_get_int64(value->from);

	if (config_setting_type(value->from) != CONFIG_TYPE_INT64 || number < 0)
		return false;
	member->value = (uint64_t)number;
	member->place = value_place(value);
	return true;
}

static bool read_word(const struct value *value, unsigned *member)
{
	const char *text = config_setting_get_string(value->from);

	for (unsigned i = 0; text && value->setting->words[i] != NULL; i++) {
		if (strcmp(value->setting->words[i], text) == 0) {
			*member = i;
			return true;
		}
	}
	return false;
}

static bool takes(const struct schema_setting *setting, const char *text)
{
	return schema_takes_text(text) ||
	       (text[0] == '\0' && setting->may_be_empty);
}

static bool read_text(const struct value *value, struct config_text *member)
{
	const char *text = config_setting_get_string(value->from);

	if (text == NULL || !takes(value->setting, text))
		return false;
	member->value = memory_copy(value->config, text);
	member->place = value_place(value);
	return true;
}

static bool read_texts(const struct value *value, struct config_texts *member)
{
	int count = config_setting_length(value->from);
	struct value element = *value;

	if (!is_list(value->from) || (uint32_t)count < value->setting->min)
		return false;
	member->list =
	    memory_take(value->config, (size_t)count, sizeof(*member->list));
	member->count = 0;
	for (int i = 0; i < count; i++) {
		element.from =
		    config_setting_get_elem(value->from, (unsigned)i);
		if (read_text(&element, &member->list[member->count]))
			member->count++;
		else
			value_refuse(&element);
	}
	return true;
}

void value_read(const struct value *value, void *member)
{
	bool is_read = false;

	switch (value->setting->kind) {
	case SCHEMA_BOOL:
		is_read = read_bool(value, member);
		break;
	case SCHEMA_INTEGER:
		is_read = read_integer(value, member);
		break;
	case SCHEMA_SIZE:
		is_read = read_size(value, member);
		break;
	case SCHEMA_WORD:
		is_read = read_word(value, member);
		break;
	case SCHEMA_TEXT:
		is_read = read_text(value, member);
		break;
	case SCHEMA_TEXTS:
		is_read = read_texts(value, member);
		break;
	case SCHEMA_GROUP:
	case SCHEMA_GROUPS:
		break;
	}
	if (!is_read)
		value_refuse(value);
}

void value_default(struct config *config, const struct schema_setting *setting,
                   void *member)
{
	switch (setting->kind) {
	case SCHEMA_BOOL:
		*(bool *)member = setting->initial != 0;
		break;
	case SCHEMA_INTEGER:
		*(uint32_t *)member = setting->initial;
		break;
	case SCHEMA_SIZE:
		((struct config_size *)member)->value = setting->initial;
		break;
	case SCHEMA_WORD:
		*(unsigned *)member = setting->initial;
		break;
	case SCHEMA_TEXT:
		if (setting->initial_text != NULL)
			((struct config_text *)member)->value =
			    memory_copy(config, setting->initial_text);
		break;
	case SCHEMA_TEXTS:
	case SCHEMA_GROUP:
	case SCHEMA_GROUPS:
		break;
	}
}
