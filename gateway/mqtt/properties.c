/* SPDX-License-Identifier: Apache-2.0 */
#include "mqtt/properties.h"

#include <assert.h>

#include "mqtt/reader.h"
#include "mqtt/topic.h"
#include "mqtt/writer.h"

enum kind {
	KIND_NONE = 0, /* no such property */
	KIND_FLAG,     /* an octet, 0 or 1 */
	KIND_U16,
	KIND_U32,
	KIND_VARINT,
	KIND_BINARY,
	KIND_STRING,
	KIND_TOPIC, /* a string that is a topic name, hence not empty */
	KIND_PAIR,
};

#define IN(type) (1u << (type))
#define WILL IN(MQTT_PROPERTIES_WILL)
#define CONNECT IN(MQTT_CONNECT)
#define CONNACK IN(MQTT_CONNACK)
#define PUBLISH IN(MQTT_PUBLISH)
#define SUBSCRIBE IN(MQTT_SUBSCRIBE)
#define DISCONNECT IN(MQTT_DISCONNECT)
#define AUTH IN(MQTT_AUTH)
#define ANSWERS                                                                \
	(IN(MQTT_PUBACK) | IN(MQTT_PUBREC) | IN(MQTT_PUBREL) |                 \
	 IN(MQTT_PUBCOMP) | IN(MQTT_SUBACK) | IN(MQTT_UNSUBACK))
#define EVERYWHERE                                                             \
	(WILL | CONNECT | CONNACK | PUBLISH | SUBSCRIBE | DISCONNECT | AUTH |  \
	 ANSWERS | IN(MQTT_UNSUBSCRIBE))

struct entry {
	enum kind kind;
	uint32_t places; /* packets where it may stand */
};

/* [MQTT5 2.2.2.2], by enum mqtt_property_id. */
static const struct entry entries[] = {
	[MQTT_PROPERTY_PAYLOAD_FORMAT] = { KIND_FLAG, PUBLISH | WILL },
	[MQTT_PROPERTY_MESSAGE_EXPIRY] = { KIND_U32, PUBLISH | WILL },
	[MQTT_PROPERTY_CONTENT_TYPE] = { KIND_STRING, PUBLISH | WILL },
	[MQTT_PROPERTY_RESPONSE_TOPIC] = { KIND_TOPIC, PUBLISH | WILL },
	[MQTT_PROPERTY_CORRELATION_DATA] = { KIND_BINARY, PUBLISH | WILL },
	[MQTT_PROPERTY_SUBSCRIPTION_ID] = { KIND_VARINT, PUBLISH | SUBSCRIBE },
	[MQTT_PROPERTY_SESSION_EXPIRY] = { KIND_U32,
	                                   CONNECT | CONNACK | DISCONNECT },
	[MQTT_PROPERTY_ASSIGNED_CLIENT_ID] = { KIND_STRING, CONNACK },
	[MQTT_PROPERTY_SERVER_KEEP_ALIVE] = { KIND_U16, CONNACK },
	[MQTT_PROPERTY_AUTH_METHOD] = { KIND_STRING, CONNECT | CONNACK | AUTH },
	[MQTT_PROPERTY_AUTH_DATA] = { KIND_BINARY, CONNECT | CONNACK | AUTH },
	[MQTT_PROPERTY_REQUEST_PROBLEM] = { KIND_FLAG, CONNECT },
	[MQTT_PROPERTY_WILL_DELAY] = { KIND_U32, WILL },
	[MQTT_PROPERTY_REQUEST_RESPONSE] = { KIND_FLAG, CONNECT },
	[MQTT_PROPERTY_RESPONSE_INFORMATION] = { KIND_STRING, CONNACK },
	[MQTT_PROPERTY_SERVER_REFERENCE] = { KIND_STRING,
	                                     CONNACK | DISCONNECT },
	[MQTT_PROPERTY_REASON_STRING] = { KIND_STRING, CONNACK | DISCONNECT |
	                                                   AUTH | ANSWERS },
	[MQTT_PROPERTY_RECEIVE_MAXIMUM] = { KIND_U16, CONNECT | CONNACK },
	[MQTT_PROPERTY_TOPIC_ALIAS_MAXIMUM] = { KIND_U16, CONNECT | CONNACK },
	[MQTT_PROPERTY_TOPIC_ALIAS] = { KIND_U16, PUBLISH },
	[MQTT_PROPERTY_MAXIMUM_QOS] = { KIND_FLAG, CONNACK },
	[MQTT_PROPERTY_RETAIN_AVAILABLE] = { KIND_FLAG, CONNACK },
	[MQTT_PROPERTY_USER] = { KIND_PAIR, EVERYWHERE },
	[MQTT_PROPERTY_MAXIMUM_PACKET] = { KIND_U32, CONNECT | CONNACK },
	[MQTT_PROPERTY_WILDCARD_AVAILABLE] = { KIND_FLAG, CONNACK },
	[MQTT_PROPERTY_SUBSCRIPTION_ID_AVAILABLE] = { KIND_FLAG, CONNACK },
	[MQTT_PROPERTY_SHARED_AVAILABLE] = { KIND_FLAG, CONNACK },
};

#define ENTRIES (sizeof(entries) / sizeof(entries[0]))

static bool take_u8(struct slice *rest, uint32_t *number)
{
	uint8_t value;

	if (!mqtt_reader_u8(rest, &value))
		return false;
	*number = value;
	return true;
}

static bool take_u16(struct slice *rest, uint32_t *number)
{
	uint16_t value;

	if (!mqtt_reader_u16(rest, &value))
		return false;
	*number = value;
	return true;
}

static bool take_value(struct slice *rest, enum kind kind,
                       struct mqtt_property *property)
{
	switch (kind) {
	case KIND_NONE:
		return false;
	case KIND_FLAG:
		return take_u8(rest, &property->number);
	case KIND_U16:
		return take_u16(rest, &property->number);
	case KIND_U32:
		return mqtt_reader_u32(rest, &property->number);
	case KIND_VARINT:
		return mqtt_reader_varint(rest, &property->number) ==
		       MQTT_VARINT_OK;
	case KIND_BINARY:
		return mqtt_reader_binary(rest, &property->value);
	case KIND_STRING:
		return mqtt_reader_string(rest, &property->value);
	case KIND_TOPIC:
		return mqtt_reader_string(rest, &property->value) &&
		       property->value.len > 0;
	case KIND_PAIR:
		return mqtt_reader_string(rest, &property->name) &&
		       mqtt_reader_string(rest, &property->value);
	}
	return false;
}

bool mqtt_properties_take(struct slice *rest, struct mqtt_property *property)
{
	struct slice left = { rest->data, rest->len };
	uint32_t id;

	*property = (struct mqtt_property){ 0 };
	if (mqtt_reader_varint(&left, &id) != MQTT_VARINT_OK || id >= ENTRIES ||
	    !take_value(&left, entries[id].kind, property))
		return false;
	property->id = (enum mqtt_property_id)id;
	property->whole.data = rest->data;
	property->whole.len = rest->len - left.len;
	rest->data = left.data;
	rest->len = left.len;
	return true;
}

/* Topic Alias 0 is not asked for: it has an answer of its own. */
static bool is_in_range(const struct mqtt_property *property)
{
	if (entries[property->id].kind == KIND_FLAG)
		return property->number <= 1;
	if (entries[property->id].kind == KIND_TOPIC)
		return mqtt_topic_is_name(property->value);
	if (property->id == MQTT_PROPERTY_RECEIVE_MAXIMUM ||
	    property->id == MQTT_PROPERTY_MAXIMUM_PACKET ||
	    property->id == MQTT_PROPERTY_SUBSCRIPTION_ID)
		return property->number > 0;
	return true;
}

static bool may_repeat(enum mqtt_property_id id, enum mqtt_type place)
{
	return id == MQTT_PROPERTY_USER ||
	       (id == MQTT_PROPERTY_SUBSCRIPTION_ID && place == MQTT_PUBLISH);
}

enum mqtt_properties_verdict
mqtt_properties_check(struct slice list, enum mqtt_type place,
                      struct mqtt_properties_used *used)
{
	struct mqtt_property property;
	uint64_t met = 0; /* bit n: property n */

	_Static_assert(ENTRIES <= 64, "each property needs a bit");
	if (list.len > MQTT_PROPERTIES_BYTES - used->bytes)
		return MQTT_PROPERTIES_TOO_MANY;
	used->bytes += list.len;

	while (list.len > 0) {
		if (used->count++ == MQTT_PROPERTIES_MAX)
			return MQTT_PROPERTIES_TOO_MANY;
		if (!mqtt_properties_take(&list, &property) ||
		    !(entries[property.id].places & IN(place)))
			return MQTT_PROPERTIES_MALFORMED;

		uint64_t bit = mqtt_properties_bit(property.id);

		if ((met & bit && !may_repeat(property.id, place)) ||
		    !is_in_range(&property))
			return MQTT_PROPERTIES_PROTOCOL_ERROR;
		met |= bit;
	}
	used->met |= met;
	return MQTT_PROPERTIES_OK;
}

bool mqtt_properties_find(struct slice list, enum mqtt_property_id id,
                          struct mqtt_property *property)
{
	struct mqtt_property taken;

	while (mqtt_properties_take(&list, &taken)) {
		if (taken.id != id)
			continue;
		*property = taken;
		return true;
	}
	return false;
}

static enum mqtt_fault fault_of(enum mqtt_properties_verdict verdict)
{
	switch (verdict) {
	case MQTT_PROPERTIES_OK:
		return MQTT_FAULT_NONE;
	case MQTT_PROPERTIES_MALFORMED:
		return MQTT_FAULT_MALFORMED;
	case MQTT_PROPERTIES_PROTOCOL_ERROR:
	case MQTT_PROPERTIES_TOO_MANY:
		break;
	}
	return MQTT_FAULT_PROTOCOL;
}

enum mqtt_fault mqtt_properties_read(struct slice *rest, enum mqtt_type place,
                                     struct mqtt_properties_used *used,
                                     struct slice *list)
{
	uint32_t len;

	if (mqtt_reader_varint(rest, &len) != MQTT_VARINT_OK ||
	    !mqtt_reader_bytes(rest, len, list))
		return MQTT_FAULT_MALFORMED;
	return len == 0 ? MQTT_FAULT_NONE
	                : fault_of(mqtt_properties_check(*list, place, used));
}

void mqtt_properties_copy(struct mqtt_writer *writer, struct slice list,
                          uint64_t without)
{
	struct mqtt_property property;

	while (mqtt_properties_take(&list, &property)) {
		if (!(without & mqtt_properties_bit(property.id)))
			mqtt_write_bytes(writer, property.whole);
	}
}

void mqtt_properties_put_number(struct mqtt_writer *writer,
                                enum mqtt_property_id id, uint32_t number)
{
	enum kind kind = entries[id].kind;

	assert(kind >= KIND_FLAG && kind <= KIND_VARINT);
	mqtt_write_u8(writer, (uint8_t)id);
	switch (kind) {
	case KIND_FLAG:
		mqtt_write_u8(writer, (uint8_t)number);
		break;
	case KIND_U16:
		mqtt_write_u16(writer, (uint16_t)number);
		break;
	case KIND_U32:
		mqtt_write_u32(writer, number);
		break;
	case KIND_VARINT:
		mqtt_write_varint(writer, number);
		break;
	case KIND_NONE:
	case KIND_BINARY:
	case KIND_STRING:
	case KIND_TOPIC:
	case KIND_PAIR:
		break;
	}
}

void mqtt_properties_put_string(struct mqtt_writer *writer,
                                enum mqtt_property_id id, struct slice string)
{
	assert(entries[id].kind >= KIND_BINARY &&
	       entries[id].kind <= KIND_TOPIC);
	mqtt_write_u8(writer, (uint8_t)id);
	mqtt_write_string(writer, string);
}

void mqtt_properties_put_user(struct mqtt_writer *writer, struct slice name,
                              struct slice value)
{
	mqtt_write_u8(writer, MQTT_PROPERTY_USER);
	mqtt_write_string(writer, name);
	mqtt_write_string(writer, value);
}
