/* SPDX-License-Identifier: Apache-2.0 */
#include "page/properties.h"

#include <stdlib.h>

#include "mqtt/properties.h"
#include "mqtt/utf8.h"
#include "mqtt/writer.h"

#define NUMBERS_BYTES 16 /* of properties that are numbers, ids included */
#define STRING_BYTES 5   /* beside a string, or two */

static size_t size_of(const struct json_properties *properties)
{
	size_t size =
	    NUMBERS_BYTES + 3 * STRING_BYTES + properties->content_type.len +
	    properties->response_topic.len + properties->correlation_data.len;

	for (size_t i = 0; i < properties->user_property_count; i++)
		size += STRING_BYTES + properties->user_properties[i].name.len +
		        properties->user_properties[i].value.len;
	return size;
}

static void put_string(struct mqtt_writer *writer, enum mqtt_property_id id,
                       struct slice text)
{
	if (text.data)
		mqtt_properties_put_string(writer, id, text);
}

bool properties_write(const struct json_properties *properties, uint8_t **list,
                      size_t *len)
{
	size_t size = size_of(properties);
	struct mqtt_writer writer;

	*list = malloc(size);
	if (!*list)
		return false;
	mqtt_writer_init(&writer, *list, size);
	if (properties->has_format)
		mqtt_properties_put_number(
		    &writer, MQTT_PROPERTY_PAYLOAD_FORMAT, properties->format);
	if (properties->has_expiry)
		mqtt_properties_put_number(&writer,
		                           MQTT_PROPERTY_MESSAGE_EXPIRY,
		                           properties->expiry_s);
	put_string(&writer, MQTT_PROPERTY_CONTENT_TYPE,
	           properties->content_type);
	put_string(&writer, MQTT_PROPERTY_RESPONSE_TOPIC,
	           properties->response_topic);
	put_string(&writer, MQTT_PROPERTY_CORRELATION_DATA,
	           properties->correlation_data);
	for (size_t i = 0; i < properties->user_property_count; i++)
		mqtt_properties_put_user(&writer,
		                         properties->user_properties[i].name,
		                         properties->user_properties[i].value);
	*len = mqtt_writer_written(&writer).len;
	return true;
}

static bool add_user(struct json_properties *out,
                     const struct mqtt_property *property)
{
	size_t size =
	    (out->user_property_count + 1) * sizeof out->user_properties[0];
	struct json_user_property *grown = realloc(out->user_properties, size);

	if (!grown)
		return false;
	grown[out->user_property_count++] =
	    (struct json_user_property){ property->name, property->value };
	out->user_properties = grown;
	return true;
}

bool properties_read(struct slice list, struct json_properties *out)
{
	struct mqtt_property property;

	*out = (struct json_properties){ 0 };
	while (list.len > 0 && mqtt_properties_take(&list, &property)) {
		switch ((int)property.id) {
		case MQTT_PROPERTY_PAYLOAD_FORMAT:
			out->has_format = true;
			out->format = (uint8_t)property.number;
			break;
		case MQTT_PROPERTY_MESSAGE_EXPIRY:
			out->has_expiry = true;
			out->expiry_s = property.number;
			break;
		case MQTT_PROPERTY_CONTENT_TYPE:
			out->content_type = property.value;
			break;
		case MQTT_PROPERTY_RESPONSE_TOPIC:
			out->response_topic = property.value;
			break;
		case MQTT_PROPERTY_CORRELATION_DATA:
			out->correlation_data = property.value;
			break;
		case MQTT_PROPERTY_USER:
			if (!add_user(out, &property))
				return false;
			break;
		default:
			break;
		}
	}
	return true;
}

void properties_finish(struct json_properties *properties)
{
	free(properties->user_properties);
	properties->user_properties = NULL;
	properties->user_property_count = 0;
}
