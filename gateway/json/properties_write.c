/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "mqtt/utf8.h"
#include "json/field.h"
#include "json/properties.h"
#include "json/writer.h"

/* A user property, and the first one of its name. */
struct place {
	const struct json_user_property *user;
	const struct json_user_property *first;
};

static int compare_places(const struct json_user_property *one,
                          const struct json_user_property *other)
{
	return (one > other) - (one < other);
}

static int compare_names(const void *one, const void *other)
{
	const struct place *a = one, *b = other;
	struct slice x = a->user->name, y = b->user->name;
	int order = 0;

	if (x.len != y.len)
		return x.len < y.len ? -1 : 1;
	if (x.len > 0)
		order = memcmp(x.data, y.data, x.len);
	return order != 0 ? order : compare_places(a->user, b->user);
}

static int compare_firsts(const void *one, const void *other)
{
	const struct place *a = one, *b = other;

	return a->first != b->first ? compare_places(a->first, b->first)
	                            : compare_places(a->user, b->user);
}

/* Those of a name stand together, where the first of them was. */
static void gather(struct place *places, size_t count)
{
	qsort(places, count, sizeof(places[0]), compare_names);
	for (size_t i = 1; i < count; i++) {
		if (slice_equals(places[i].user->name,
		                 places[i - 1].user->name))
			places[i].first = places[i - 1].first;
	}
	qsort(places, count, sizeof(places[0]), compare_firsts);
}

/* Writes the property of a name, or all of them; gives how many. */
static size_t write_name(struct json_writer *writer, const struct place *places,
                         size_t count)
{
	size_t same = 1;

	while (same < count && places[same].first == places[0].first)
		same++;
	json_write_name(writer, places[0].user->name);
	if (same == 1) {
		json_write_string(writer, NULL, places[0].user->value);
		return same;
	}
	json_write_array(writer, NULL);
	for (size_t i = 0; i < same; i++)
		json_write_string(writer, NULL, places[i].user->value);
	json_write_array_end(writer);
	return same;
}

static bool write_users(struct json_writer *writer,
                        const struct json_user_property *users, size_t count)
{
	struct place *places = calloc(count, sizeof(*places));

	if (!places)
		return false;
	for (size_t i = 0; i < count; i++)
		places[i] = (struct place){ &users[i], &users[i] };
	gather(places, count);
	json_write_object(writer, json_field_name(JSON_FIELD_USER_PROPERTIES));
	for (size_t i = 0; i < count;)
		i += write_name(writer, places + i, count - i);
	json_write_object_end(writer);
	free(places);
	return true;
}

static void write_string(struct json_writer *writer, enum json_field field,
                         struct slice string)
{
	if (string.data)
		json_write_string(writer, json_field_name(field), string);
}

static void write_correlation(struct json_writer *writer, struct slice bytes)
{
	const char *name = json_field_name(JSON_FIELD_CORRELATION_DATA);

	if (!bytes.data)
		return;
	if (mqtt_utf8_is_well_formed(bytes)) {
		json_write_string(writer, name, bytes);
		return;
	}
	json_write_base64(writer, name, bytes);
	json_write_word(writer,
	                json_field_name(JSON_FIELD_CORRELATION_DATA_ENCODING),
	                "base64");
}

static void write_number(struct json_writer *writer, enum json_field field,
                         bool is_there, uint32_t number)
{
	if (is_there)
		json_write_number(writer, json_field_name(field), number);
}

bool json_properties_write(struct json_writer *writer,
                           const struct json_properties *properties)
{
	bool is_done = true;

	json_write_object(writer, json_field_name(JSON_FIELD_PROPERTIES));
	write_string(writer, JSON_FIELD_CONTENT_TYPE, properties->content_type);
	write_string(writer, JSON_FIELD_RESPONSE_TOPIC,
	             properties->response_topic);
	write_correlation(writer, properties->correlation_data);
	write_number(writer, JSON_FIELD_EXPIRY, properties->has_expiry,
	             properties->expiry_s);
	write_number(writer, JSON_FIELD_FORMAT, properties->has_format,
	             properties->format);
	if (properties->user_property_count > 0)
		is_done = write_users(writer, properties->user_properties,
		                      properties->user_property_count);
	json_write_object_end(writer);
	return is_done;
}
