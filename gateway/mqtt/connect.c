/* SPDX-License-Identifier: Apache-2.0 */
#include "mqtt/connect.h"

#include "mqtt/properties.h"
#include "mqtt/protocol.h"
#include "mqtt/reader.h"
#include "mqtt/topic.h"
#include "mqtt/utf8.h"

#define CONNECT_FIRST 0x10

static bool read_fixed_header(struct slice *rest)
{
	uint8_t first;

	return mqtt_reader_header(rest, &first) && first == CONNECT_FIRST;
}

static bool is_known(struct slice name, uint8_t level)
{
	if (level == MQTT_LEVEL_3_1)
		return slice_is(name, "MQIsdp");
	return (level == MQTT_LEVEL_3_1_1 || level == MQTT_LEVEL_5) &&
	       slice_is(name, "MQTT");
}

static enum mqtt_connect_read read_level(struct slice *rest, uint8_t *level)
{
	struct slice name;
	uint8_t read;

	if (!mqtt_reader_binary(rest, &name) || !mqtt_reader_u8(rest, &read))
		return MQTT_CONNECT_MALFORMED;
	if (!is_known(name, read))
		return MQTT_CONNECT_UNKNOWN_LEVEL;
	*level = read;
	return MQTT_CONNECT_OK;
}

/* MQTT 3.1 disregards the reserved bit, and the will's bits without a will. */
static bool has_valid_flags(uint8_t level, uint8_t flags, uint8_t will_qos)
{
	bool has_will = flags & MQTT_CONNECT_FLAG_WILL;
	bool is_loose = level == MQTT_LEVEL_3_1;

	if (will_qos > MQTT_QOS_MAX)
		return false;
	if (!is_loose && flags & MQTT_CONNECT_FLAG_RESERVED)
		return false;
	if (!is_loose && !has_will &&
	    flags &
	        (MQTT_CONNECT_FLAG_WILL_QOS | MQTT_CONNECT_FLAG_WILL_RETAIN))
		return false;
	return level == MQTT_LEVEL_5 || !(flags & MQTT_CONNECT_FLAG_PASSWORD) ||
	       flags & MQTT_CONNECT_FLAG_USERNAME;
}

static bool read_flags(struct slice *rest, struct mqtt_connect *connect)
{
	uint8_t flags;

	if (!mqtt_reader_u8(rest, &flags))
		return false;

	uint8_t will_qos = (uint8_t)((flags & MQTT_CONNECT_FLAG_WILL_QOS) >>
	                             MQTT_WILL_QOS_SHIFT);

	if (!has_valid_flags(connect->level, flags, will_qos))
		return false;
	connect->clean = flags & MQTT_CONNECT_FLAG_CLEAN;
	connect->has_username = flags & MQTT_CONNECT_FLAG_USERNAME;
	connect->has_password = flags & MQTT_CONNECT_FLAG_PASSWORD;
	connect->has_will = flags & MQTT_CONNECT_FLAG_WILL;
	if (connect->has_will) {
		connect->will_qos = will_qos;
		connect->will_retain = flags & MQTT_CONNECT_FLAG_WILL_RETAIN;
	}
	return true;
}

static enum mqtt_connect_read read_properties(struct slice *rest,
                                              enum mqtt_type place,
                                              struct mqtt_properties_used *used,
                                              struct slice *list)
{
	switch (mqtt_properties_read(rest, place, used, list)) {
	case MQTT_FAULT_NONE:
		return MQTT_CONNECT_OK;
	case MQTT_FAULT_MALFORMED:
		return MQTT_CONNECT_MALFORMED;
	case MQTT_FAULT_PROTOCOL:
	case MQTT_FAULT_ALIAS:
		break;
	}
	return MQTT_CONNECT_PROTOCOL_ERROR;
}

/* [MQTT5 3.1.2.11.10] */
static bool has_data_without_method(struct slice properties)
{
	struct mqtt_property found;

	return mqtt_properties_find(properties, MQTT_PROPERTY_AUTH_DATA,
	                            &found) &&
	       !mqtt_properties_find(properties, MQTT_PROPERTY_AUTH_METHOD,
	                             &found);
}

/* [MQTT5 3.1.3.2.3] */
static bool has_false_format(const struct mqtt_connect *connect)
{
	struct mqtt_property format;

	return mqtt_properties_find(connect->will_properties,
	                            MQTT_PROPERTY_PAYLOAD_FORMAT, &format) &&
	       format.number == 1 &&
	       !mqtt_utf8_is_well_formed(connect->will_payload);
}

static enum mqtt_connect_read read_will(struct slice *rest,
                                        struct mqtt_properties_used *used,
                                        struct mqtt_connect *connect)
{
	enum mqtt_connect_read verdict = MQTT_CONNECT_OK;

	if (connect->level == MQTT_LEVEL_5)
		verdict = read_properties(rest, MQTT_PROPERTIES_WILL, used,
		                          &connect->will_properties);
	if (verdict != MQTT_CONNECT_OK)
		return verdict;
	if (!mqtt_reader_string(rest, &connect->will_topic) ||
	    !mqtt_topic_is_name(connect->will_topic) ||
	    !mqtt_reader_binary(rest, &connect->will_payload))
		return MQTT_CONNECT_MALFORMED;
	return has_false_format(connect) ? MQTT_CONNECT_PROTOCOL_ERROR
	                                 : MQTT_CONNECT_OK;
}

static bool read_login(struct slice *rest, struct mqtt_connect *connect)
{
	bool is_loose = connect->level == MQTT_LEVEL_3_1;

	/* The Remaining Length wins over the flags [MQTT 3.1 3.1]. */
	if (is_loose && rest->len == 0)
		connect->has_username = false;
	if (connect->has_username &&
	    !mqtt_reader_string(rest, &connect->username))
		return false;
	if (is_loose && rest->len == 0)
		connect->has_password = false;
	return !connect->has_password ||
	       mqtt_reader_binary(rest, &connect->password);
}

static bool may_use_client_id(const struct mqtt_connect *connect)
{
	if (connect->client_id.len > 0 || connect->level == MQTT_LEVEL_5)
		return true;
	return connect->level == MQTT_LEVEL_3_1_1 && connect->clean;
}

/* All that follows the level. */
static enum mqtt_connect_read read_rest(struct slice rest,
                                        struct mqtt_connect *connect)
{
	enum mqtt_connect_read verdict = MQTT_CONNECT_OK;
	struct mqtt_properties_used used = { 0 };

	if (!read_flags(&rest, connect) ||
	    !mqtt_reader_u16(&rest, &connect->keep_alive_s))
		return MQTT_CONNECT_MALFORMED;
	if (connect->level == MQTT_LEVEL_5)
		verdict = read_properties(&rest, MQTT_CONNECT, &used,
		                          &connect->properties);
	if (verdict != MQTT_CONNECT_OK)
		return verdict;
	if (has_data_without_method(connect->properties))
		return MQTT_CONNECT_PROTOCOL_ERROR;
	if (!mqtt_reader_string(&rest, &connect->client_id))
		return MQTT_CONNECT_MALFORMED;
	if (connect->has_will)
		verdict = read_will(&rest, &used, connect);
	if (verdict != MQTT_CONNECT_OK)
		return verdict;
	if (!read_login(&rest, connect) || rest.len > 0)
		return MQTT_CONNECT_MALFORMED;
	return may_use_client_id(connect) ? MQTT_CONNECT_OK
	                                  : MQTT_CONNECT_BAD_CLIENT_ID;
}

enum mqtt_connect_read mqtt_connect_read(struct slice packet,
                                         struct mqtt_connect *connect)
{
	struct mqtt_connect read = { 0 };
	enum mqtt_connect_read verdict = MQTT_CONNECT_MALFORMED;

	if (read_fixed_header(&packet))
		verdict = read_level(&packet, &read.level);
	if (verdict == MQTT_CONNECT_OK)
		verdict = read_rest(packet, &read);
	if (verdict == MQTT_CONNECT_OK)
		*connect = read;
	connect->level = read.level;
	return verdict;
}
