/* SPDX-License-Identifier: Apache-2.0 */
#include "mqtt/publish.h"

#include "mqtt/properties.h"
#include "mqtt/reader.h"
#include "mqtt/topic.h"

/* Up to the topic, of which only the length is looked at. */
static bool read_front(struct slice *rest, struct mqtt_publish *publish)
{
	uint32_t remaining;
	uint8_t first;

	if (!mqtt_reader_u8(rest, &first) ||
	    mqtt_reader_varint(rest, &remaining) != MQTT_VARINT_OK ||
	    remaining < rest->len || !mqtt_reader_binary(rest, &publish->topic))
		return false;
	publish->qos = mqtt_qos_of(first);
	publish->is_retained = first & MQTT_FLAG_RETAIN;
	publish->is_duplicate = first & MQTT_FLAG_DUP;
	return publish->qos == 0 || mqtt_reader_u16(rest, &publish->packet_id);
}

static enum mqtt_fault read_properties(struct slice *rest,
                                       enum mqtt_sender sender,
                                       struct mqtt_publish *publish)
{
	struct mqtt_properties_used used = { 0 };
	struct mqtt_property found;
	enum mqtt_fault fault = mqtt_properties_read(rest, MQTT_PUBLISH, &used,
	                                             &publish->properties);

	if (fault != MQTT_FAULT_NONE || used.met == 0)
		return fault;
	/* [MQTT-3.3.4-6] */
	if (sender == MQTT_SENDER_CLIENT &&
	    used.met & mqtt_properties_bit(MQTT_PROPERTY_SUBSCRIPTION_ID))
		return MQTT_FAULT_PROTOCOL;
	if (used.met & mqtt_properties_bit(MQTT_PROPERTY_RESPONSE_TOPIC) &&
	    mqtt_properties_find(publish->properties,
	                         MQTT_PROPERTY_RESPONSE_TOPIC, &found)) {
		publish->has_response_topic = true;
		publish->response_topic = found.value;
	}
	if (used.met & mqtt_properties_bit(MQTT_PROPERTY_TOPIC_ALIAS) &&
	    mqtt_properties_find(publish->properties, MQTT_PROPERTY_TOPIC_ALIAS,
	                         &found)) {
		publish->has_alias = true;
		publish->alias = (uint16_t)found.number;
	}
	return MQTT_FAULT_NONE;
}

/* [MQTT5 3.3.2.1, 3.3.2.3.4] */
static enum mqtt_fault judge_topic(const struct mqtt_publish *publish,
                                   uint8_t level)
{
	if (publish->topic.len > 0 || level != MQTT_LEVEL_5) {
		if (!mqtt_topic_is_name(publish->topic))
			return MQTT_FAULT_MALFORMED;
	} else if (!publish->has_alias) {
		return MQTT_FAULT_PROTOCOL;
	}
	return publish->has_alias && publish->alias == 0 ? MQTT_FAULT_ALIAS
	                                                 : MQTT_FAULT_NONE;
}

enum mqtt_fault mqtt_publish_read(struct slice head, uint8_t level,
                                  enum mqtt_sender sender,
                                  struct mqtt_publish *publish)
{
	struct mqtt_publish read = { 0 };
	enum mqtt_fault fault = MQTT_FAULT_NONE;

	if (!read_front(&head, &read))
		return MQTT_FAULT_MALFORMED;
	if (level == MQTT_LEVEL_5)
		fault = read_properties(&head, sender, &read);
	if (fault == MQTT_FAULT_NONE && head.len > 0)
		fault = MQTT_FAULT_MALFORMED;
	if (fault == MQTT_FAULT_NONE)
		fault = judge_topic(&read, level);
	if (fault == MQTT_FAULT_NONE && read.qos > 0 && read.packet_id == 0)
		fault = MQTT_FAULT_PROTOCOL;
	if (fault == MQTT_FAULT_NONE)
		*publish = read;
	return fault;
}
