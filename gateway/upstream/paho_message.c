/* SPDX-License-Identifier: Apache-2.0 */
#include "upstream/paho_message.h"

#include <string.h>

#include "mqtt/properties.h"
#include "mqtt/writer.h"
#include "upstream/news.h"

/* 68 years: larger ones Paho 1.3.12 writes wrong, as of a signed number. */
#define EXPIRY_MOST 0x80000000u

static struct slice text_of(MQTTLenString text)
{
	return (struct slice){ (const uint8_t *)text.data, (size_t)text.len };
}

static MQTTLenString paho_text(struct slice text)
{
	return (MQTTLenString){ .len = (int)text.len,
		                .data = (char *)(uintptr_t)text.data };
}

/* Those that a message has on its way to a subscriber [MQTT5 3.3.2.3]. */
static void write_property(struct mqtt_writer *writer,
                           const MQTTProperty *property)
{
	enum mqtt_property_id id = (enum mqtt_property_id)property->identifier;

	switch ((int)property->identifier) {
	case MQTTPROPERTY_CODE_PAYLOAD_FORMAT_INDICATOR:
		mqtt_properties_put_number(writer, id, property->value.byte);
		break;
	case MQTTPROPERTY_CODE_MESSAGE_EXPIRY_INTERVAL:
		mqtt_properties_put_number(writer, id,
		                           property->value.integer4);
		break;
	case MQTTPROPERTY_CODE_CONTENT_TYPE:
	case MQTTPROPERTY_CODE_RESPONSE_TOPIC:
	case MQTTPROPERTY_CODE_CORRELATION_DATA:
		mqtt_properties_put_string(writer, id,
		                           text_of(property->value.data));
		break;
	case MQTTPROPERTY_CODE_USER_PROPERTY:
		mqtt_properties_put_user(writer, text_of(property->value.data),
		                         text_of(property->value.value));
		break;
	default: /* subscription identifiers: nobody asked for them */
		break;
	}
}

struct news *paho_message_read(uint64_t client, const char *topic,
                               int topic_len, const MQTTAsync_message *message)
{
	const struct message read = {
		.topic = { (const uint8_t *)topic,
		           topic_len > 0 ? (size_t)topic_len : strlen(topic) },
		.payload = { message->payload, (size_t)message->payloadlen },
		.qos = (uint8_t)message->qos,
		.is_retained = message->retained != 0,
	};
	const MQTTProperties *properties = &message->properties;
	size_t size = properties->length > 0 ? (size_t)properties->length : 0;
	struct news *news = news_of_message(client, &read, size);
	struct mqtt_writer writer;

	if (!news)
		return NULL;
	mqtt_writer_init(
	    &writer, (uint8_t *)(uintptr_t)news->message.properties.data, size);
	for (int i = 0; i < properties->count; i++)
		write_property(&writer, &properties->array[i]);
	if (!writer.is_full)
		news->message.properties = mqtt_writer_written(&writer);
	return news;
}

static void set_value(MQTTProperty *out, const struct mqtt_property *property)
{
	switch ((int)property->id) {
	case MQTT_PROPERTY_PAYLOAD_FORMAT:
		out->value.byte = (unsigned char)property->number;
		break;
	case MQTT_PROPERTY_MESSAGE_EXPIRY:
		out->value.integer4 = property->number < EXPIRY_MOST
		                          ? property->number
		                          : EXPIRY_MOST;
		break;
	case MQTT_PROPERTY_USER:
		out->value.data = paho_text(property->name);
		out->value.value = paho_text(property->value);
		break;
	default:
		out->value.data = paho_text(property->value);
		break;
	}
}

bool paho_properties_write(struct slice list, MQTTProperties *out)
{
	struct mqtt_property property;

	while (list.len > 0 && mqtt_properties_take(&list, &property)) {
		MQTTProperty copy = {
			.identifier = (enum MQTTPropertyCodes)property.id,
		};

		set_value(&copy, &property);
		if (MQTTProperties_add(out, &copy) != 0)
			return false;
	}
	return true;
}
