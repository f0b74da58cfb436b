/* SPDX-License-Identifier: Apache-2.0 */
#include "mqtt/compose.h"

#include <string.h>

#include "mqtt/connack.h"
#include "mqtt/connect.h"
#include "mqtt/disconnect.h"
#include "mqtt/publish.h"
#include "mqtt/suback.h"
#include "mqtt/subscribe.h"
#include "mqtt/writer.h"

#define FLAGS_QOS_1 0x02u
#define SHORT_HEADER 2u /* octets, with a Remaining Length of one */
#define VARINT_BITS 7

static uint8_t first_octet(enum mqtt_type type)
{
	bool has_flags = type == MQTT_PUBREL || type == MQTT_SUBSCRIBE;

	return (uint8_t)((unsigned)type << 4 | (has_flags ? FLAGS_QOS_1 : 0));
}

/* Begins a packet, with a place for the shortest fixed header. */
static void begin(struct mqtt_writer *writer, uint8_t *buffer, size_t size,
                  enum mqtt_type type)
{
	mqtt_writer_init(writer, buffer, size);
	mqtt_write_u8(writer, first_octet(type));
	mqtt_write_u8(writer, 0);
}

/* Gives the packet its Remaining Length; few need to move for a longer one. */
static size_t end(struct mqtt_writer *writer)
{
	size_t remaining = writer->len - SHORT_HEADER;
	size_t extra = 0; /* octets of the Remaining Length but one */

	if (writer->is_full || remaining > MQTT_REMAINING_MAX)
		return 0;
	while (remaining >> VARINT_BITS * (extra + 1) > 0)
		extra++;
	if (extra > writer->size - writer->len)
		return 0;
	memmove(writer->data + SHORT_HEADER + extra,
	        writer->data + SHORT_HEADER, remaining);
	writer->len = 1;
	mqtt_write_varint(writer, (uint32_t)remaining);
	return writer->len + remaining;
}

static void write_properties(struct mqtt_writer *writer, uint8_t level,
                             struct slice list)
{
	if (level != MQTT_LEVEL_5)
		return;
	if (list.len > MQTT_REMAINING_MAX)
		writer->is_full = true;
	mqtt_write_varint(writer, (uint32_t)list.len);
	mqtt_write_bytes(writer, list);
}

static uint8_t flags_of(const struct mqtt_connect *connect)
{
	unsigned flags = 0;

	if (connect->clean)
		flags |= MQTT_CONNECT_FLAG_CLEAN;
	if (connect->has_will)
		flags |= MQTT_CONNECT_FLAG_WILL | (unsigned)connect->will_qos
		                                      << MQTT_WILL_QOS_SHIFT;
	if (connect->has_will && connect->will_retain)
		flags |= MQTT_CONNECT_FLAG_WILL_RETAIN;
	if (connect->has_username)
		flags |= MQTT_CONNECT_FLAG_USERNAME;
	if (connect->has_password)
		flags |= MQTT_CONNECT_FLAG_PASSWORD;
	return (uint8_t)flags;
}

static void write_will(struct mqtt_writer *writer,
                       const struct mqtt_connect *connect)
{
	write_properties(writer, connect->level, connect->will_properties);
	mqtt_write_string(writer, connect->will_topic);
	mqtt_write_string(writer, connect->will_payload);
}

size_t mqtt_compose_connect(uint8_t *buffer, size_t size,
                            const struct mqtt_connect *connect)
{
	bool is_oldest = connect->level == MQTT_LEVEL_3_1;
	struct mqtt_writer writer;

	begin(&writer, buffer, size, MQTT_CONNECT);
	mqtt_write_string(&writer,
	                  slice_from_text(is_oldest ? "MQIsdp" : "MQTT"));
	mqtt_write_u8(&writer, connect->level);
	mqtt_write_u8(&writer, flags_of(connect));
	mqtt_write_u16(&writer, connect->keep_alive_s);
	write_properties(&writer, connect->level, connect->properties);
	mqtt_write_string(&writer, connect->client_id);
	if (connect->has_will)
		write_will(&writer, connect);
	if (connect->has_username)
		mqtt_write_string(&writer, connect->username);
	if (connect->has_password)
		mqtt_write_string(&writer, connect->password);
	return end(&writer);
}

size_t mqtt_compose_connack(uint8_t *buffer, size_t size, uint8_t level,
                            const struct mqtt_connack *connack)
{
	struct mqtt_writer writer;

	begin(&writer, buffer, size, MQTT_CONNACK);
	mqtt_write_u8(&writer, connack->has_session && level != MQTT_LEVEL_3_1);
	mqtt_write_u8(&writer, connack->code);
	write_properties(&writer, level, connack->properties);
	return end(&writer);
}

/*
 * The length of the properties behind a reason could be left out [MQTT5
 * 3.4.2.2.1, 3.14.2.2.1], but not every client reads that form.
 */
static const struct slice no_properties = { NULL, 0 };

size_t mqtt_compose_ack(uint8_t *buffer, size_t size, uint8_t level,
                        enum mqtt_type type, uint16_t packet_id, uint8_t reason)
{
	struct mqtt_writer writer;

	begin(&writer, buffer, size, type);
	mqtt_write_u16(&writer, packet_id);
	if (level == MQTT_LEVEL_5 && reason != 0) {
		mqtt_write_u8(&writer, reason);
		write_properties(&writer, level, no_properties);
	}
	return end(&writer);
}

static uint8_t publish_flags(const struct mqtt_publish *publish)
{
	unsigned flags = (unsigned)publish->qos << 1;

	if (publish->is_retained)
		flags |= MQTT_FLAG_RETAIN;
	if (publish->is_duplicate)
		flags |= MQTT_FLAG_DUP;
	return (uint8_t)flags;
}

size_t mqtt_compose_publish(uint8_t *buffer, size_t size, uint8_t level,
                            const struct mqtt_publish *publish,
                            struct slice payload)
{
	struct mqtt_writer writer;
	size_t len;

	begin(&writer, buffer, size, MQTT_PUBLISH);
	mqtt_write_string(&writer, publish->topic);
	if (publish->qos > 0)
		mqtt_write_u16(&writer, publish->packet_id);
	write_properties(&writer, level, publish->properties);
	mqtt_write_bytes(&writer, payload);
	len = end(&writer);
	if (len > 0)
		buffer[0] |= publish_flags(publish);
	return len;
}

size_t mqtt_compose_subscribe(uint8_t *buffer, size_t size, uint8_t level,
                              const struct mqtt_subscribe *subscribe)
{
	struct mqtt_writer writer;

	begin(&writer, buffer, size, MQTT_SUBSCRIBE);
	mqtt_write_u16(&writer, subscribe->packet_id);
	write_properties(&writer, level, subscribe->properties);
	mqtt_write_bytes(&writer, subscribe->list);
	return end(&writer);
}

size_t mqtt_compose_suback(uint8_t *buffer, size_t size, uint8_t level,
                           const struct mqtt_suback *suback)
{
	struct mqtt_writer writer;

	begin(&writer, buffer, size, MQTT_SUBACK);
	mqtt_write_u16(&writer, suback->packet_id);
	write_properties(&writer, level, suback->properties);
	mqtt_write_bytes(&writer, suback->codes);
	return end(&writer);
}

size_t mqtt_compose_disconnect(uint8_t *buffer, size_t size, uint8_t level,
                               const struct mqtt_disconnect *disconnect)
{
	struct mqtt_writer writer;

	begin(&writer, buffer, size, MQTT_DISCONNECT);
	if (level == MQTT_LEVEL_5) {
		mqtt_write_u8(&writer, disconnect->reason);
		write_properties(&writer, level, disconnect->properties);
	}
	return end(&writer);
}
