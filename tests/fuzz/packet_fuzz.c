/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Law: a reader of a packet looks at nothing outside of it, gives only slices
 * of it, and touches nothing when it fails, whatever the packet; and what it
 * read is written in a form that reads the same again.
 *
 * The first octet of the input chooses side and level; the rest is a stream,
 * of which the scanner makes the packets.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "mqtt/ack.h"
#include "mqtt/auth.h"
#include "mqtt/compose.h"
#include "mqtt/connack.h"
#include "mqtt/connect.h"
#include "mqtt/disconnect.h"
#include "mqtt/filter.h"
#include "mqtt/publish.h"
#include "mqtt/scanner.h"
#include "mqtt/suback.h"
#include "mqtt/subscribe.h"
#include "mqtt/topic.h"

/* Not assert: the law holds in a build without assertions too. */
#define LAW(condition)                                                         \
	do {                                                                   \
		if (!(condition))                                              \
			abort();                                               \
	} while (0)

/* Whether all octets of a struct are as they were before a failed read. */
#define LAW_UNTOUCHED(read)                                                    \
	do {                                                                   \
		for (size_t at = 0; at < sizeof(read); at++)                   \
			LAW(((const uint8_t *)&(read))[at] == UNTOUCHED);      \
	} while (0)

#define UNTOUCHED 0xa5
#define HEAD_BYTES 65536

struct choice {
	enum mqtt_sender sender;
	uint8_t level;
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_inside(struct slice part, struct slice packet)
{
	if (part.data == NULL) {
		LAW(part.len == 0);
		return;
	}
	LAW(part.data >= packet.data);
	LAW(part.data <= packet.data + packet.len);
	LAW(part.len <= (size_t)(packet.data + packet.len - part.data));
}

static uint8_t *allocate(size_t size)
{
	uint8_t *octets = malloc(size);

	LAW(octets != NULL);
	return octets;
}

static void check_publish(struct slice head, const struct choice *choice)
{
	struct mqtt_publish read;

	memset(&read, UNTOUCHED, sizeof(read));
	if (mqtt_publish_read(head, choice->level, choice->sender, &read) !=
	    MQTT_FAULT_NONE) {
		LAW_UNTOUCHED(read);
		return;
	}
	LAW(read.qos == mqtt_qos_of(head.data[0]));
	LAW((read.qos > 0) == (read.packet_id != 0));
	LAW(!read.has_alias || read.alias != 0);
	LAW(read.has_alias || mqtt_topic_is_name(read.topic));
	LAW(!read.has_response_topic ||
	    mqtt_topic_is_name(read.response_topic));
	LAW(choice->level == MQTT_LEVEL_5 || read.properties.len == 0);
	check_inside(read.topic, head);
	check_inside(read.properties, head);
	check_inside(read.response_topic, head);
}

static void check_connect(struct slice packet)
{
	struct mqtt_connect read, again;

	if (mqtt_connect_read(packet, &read) != MQTT_CONNECT_OK)
		return;

	uint8_t *octets = allocate(packet.len);
	size_t len = mqtt_compose_connect(octets, packet.len, &read);

	LAW(len > 0);
	LAW(mqtt_connect_read((struct slice){ octets, len }, &again) ==
	    MQTT_CONNECT_OK);
	LAW(again.level == read.level && again.clean == read.clean);
	LAW(again.keep_alive_s == read.keep_alive_s);
	LAW(again.has_will == read.has_will);
	LAW(again.will_qos == read.will_qos);
	LAW(again.will_retain == read.will_retain);
	LAW(again.has_username == read.has_username);
	LAW(again.has_password == read.has_password);
	LAW(slice_equals(again.properties, read.properties));
	LAW(slice_equals(again.client_id, read.client_id));
	LAW(slice_equals(again.will_properties, read.will_properties));
	LAW(slice_equals(again.will_topic, read.will_topic));
	LAW(slice_equals(again.will_payload, read.will_payload));
	LAW(slice_equals(again.username, read.username));
	LAW(slice_equals(again.password, read.password));
	free(octets);
}

static void check_connack(struct slice packet, const struct choice *choice)
{
	struct mqtt_connack read, again;

	memset(&read, UNTOUCHED, sizeof(read));
	if (mqtt_connack_read(packet, choice->level, &read) !=
	    MQTT_FAULT_NONE) {
		LAW_UNTOUCHED(read);
		return;
	}
	check_inside(read.properties, packet);

	/* The answer of an old server gets an octet more. */
	uint8_t *octets = allocate(packet.len + 1);
	size_t len =
	    mqtt_compose_connack(octets, packet.len + 1, choice->level, &read);

	LAW(len > 0);
	LAW(mqtt_connack_read((struct slice){ octets, len }, choice->level,
	                      &again) == MQTT_FAULT_NONE);
	LAW(again.has_session == read.has_session && again.code == read.code);
	LAW(slice_equals(again.properties, read.properties));
	free(octets);
}

static void check_ack(struct slice packet, const struct choice *choice)
{
	struct mqtt_ack read, again;
	uint8_t octets[MQTT_COMPOSE_BYTES];
	enum mqtt_type type = mqtt_type_of(packet.data[0]);

	memset(&read, UNTOUCHED, sizeof(read));
	if (mqtt_ack_read(packet, choice->level, choice->sender, &read) !=
	    MQTT_FAULT_NONE) {
		LAW_UNTOUCHED(read);
		return;
	}
	LAW(read.packet_id != 0);

	size_t len = mqtt_compose_ack(octets, sizeof(octets), choice->level,
	                              type, read.packet_id, read.reason);

	LAW(len > 0);
	LAW(mqtt_ack_read((struct slice){ octets, len }, choice->level,
	                  choice->sender, &again) == MQTT_FAULT_NONE);
	LAW(again.packet_id == read.packet_id && again.reason == read.reason);
}

static void check_subscriptions(const struct mqtt_subscribe *subscribe)
{
	struct slice list = subscribe->list;
	struct mqtt_subscription entry;
	struct slice group, filter;
	size_t count = 0;

	while (mqtt_subscribe_next(&list, &entry)) {
		count++;
		check_inside(entry.whole, subscribe->list);
		check_inside(entry.filter, entry.whole);
		LAW((entry.options & MQTT_OPTION_QOS) <= MQTT_QOS_MAX);
		LAW(mqtt_filter_read(entry.filter, &group, &filter) !=
		    MQTT_FILTER_MALFORMED);
	}
	LAW(list.len == 0);
	LAW(count == subscribe->count && count > 0);
}

static void check_subscribe(struct slice packet, const struct choice *choice)
{
	struct mqtt_subscribe read;

	memset(&read, UNTOUCHED, sizeof(read));
	if (mqtt_subscribe_read(packet, choice->level, &read) !=
	    MQTT_FAULT_NONE) {
		LAW_UNTOUCHED(read);
		return;
	}
	LAW(read.packet_id != 0);
	check_inside(read.properties, packet);
	check_inside(read.list, packet);
	check_subscriptions(&read);

	/* There is one way to write it, but for DUP of MQTT 3.1. */
	uint8_t *octets = allocate(packet.len);
	size_t len =
	    mqtt_compose_subscribe(octets, packet.len, choice->level, &read);

	LAW(len == packet.len);
	LAW(memcmp(octets + 1, packet.data + 1, len - 1) == 0);
	free(octets);
}

static void check_unsubscribe(struct slice packet, const struct choice *choice)
{
	struct mqtt_subscribe read;
	struct slice filter;

	memset(&read, UNTOUCHED, sizeof(read));
	if (mqtt_unsubscribe_read(packet, choice->level, &read) !=
	    MQTT_FAULT_NONE) {
		LAW_UNTOUCHED(read);
		return;
	}
	LAW(read.packet_id != 0 && read.count > 0);
	check_inside(read.list, packet);
	for (; read.count > 0; read.count--)
		LAW(mqtt_unsubscribe_next(&read.list, &filter));
	LAW(read.list.len == 0);
}

static void check_suback(struct slice packet, const struct choice *choice)
{
	bool is_suback = mqtt_type_of(packet.data[0]) == MQTT_SUBACK;
	struct mqtt_suback read;

	memset(&read, UNTOUCHED, sizeof(read));
	if (mqtt_suback_read(packet, choice->level, &read) != MQTT_FAULT_NONE) {
		LAW_UNTOUCHED(read);
		return;
	}
	LAW(read.packet_id != 0);
	LAW(read.codes.len > 0 || !is_suback);
	check_inside(read.properties, packet);
	check_inside(read.codes, packet);
	if (!is_suback)
		return;

	uint8_t *octets = allocate(packet.len);
	size_t len =
	    mqtt_compose_suback(octets, packet.len, choice->level, &read);

	LAW(len == packet.len);
	LAW(memcmp(octets + 1, packet.data + 1, len - 1) == 0);
	free(octets);
}

static void check_disconnect(struct slice packet, const struct choice *choice)
{
	struct mqtt_disconnect read, again;

	memset(&read, UNTOUCHED, sizeof(read));
	if (mqtt_disconnect_read(packet, choice->level, choice->sender,
	                         &read) != MQTT_FAULT_NONE) {
		LAW_UNTOUCHED(read);
		return;
	}
	check_inside(read.properties, packet);

	/* The short forms get up to two octets more. */
	size_t size = packet.len + 2;
	uint8_t *octets = allocate(size);
	size_t len =
	    mqtt_compose_disconnect(octets, size, choice->level, &read);

	LAW(len > 0);
	LAW(mqtt_disconnect_read((struct slice){ octets, len }, choice->level,
	                         choice->sender, &again) == MQTT_FAULT_NONE);
	LAW(again.reason == read.reason);
	LAW(slice_equals(again.properties, read.properties));
	free(octets);
}

static void check_auth(struct slice packet, const struct choice *choice)
{
	struct mqtt_auth read;

	memset(&read, UNTOUCHED, sizeof(read));
	if (mqtt_auth_read(packet, choice->level, choice->sender, &read) !=
	    MQTT_FAULT_NONE) {
		LAW_UNTOUCHED(read);
		return;
	}
	LAW(choice->level == MQTT_LEVEL_5);
	check_inside(read.properties, packet);
}

/* By each reader, not only by the one that the packet is meant for. */
static void check_head(struct slice out, const struct choice *choice)
{
	/* Memory that ends where the head ends: a sanitizer sees more. */
	uint8_t *octets = allocate(out.len);
	struct slice head = { octets, out.len };

	memcpy(octets, out.data, out.len);
	check_publish(head, choice);
	check_connect(head);
	check_connack(head, choice);
	check_ack(head, choice);
	check_subscribe(head, choice);
	check_unsubscribe(head, choice);
	check_suback(head, choice);
	check_disconnect(head, choice);
	check_auth(head, choice);
	free(octets);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t levels[] = { MQTT_LEVEL_3_1, MQTT_LEVEL_3_1_1,
		                          MQTT_LEVEL_5 };
	struct mqtt_scanner scanner;
	struct slice out;
	enum mqtt_scan seen;

	if (size == 0)
		return 0;

	struct slice in = { data + 1, size - 1 };
	const struct choice choice = {
		.sender = data[0] & 1 ? MQTT_SENDER_SERVER : MQTT_SENDER_CLIENT,
		.level = levels[(data[0] >> 1) % 3],
	};

	mqtt_scanner_init(&scanner, choice.sender, MQTT_REMAINING_MAX,
	                  HEAD_BYTES);
	scanner.level = choice.level;
	while ((seen = mqtt_scan(&scanner, &in, &out)) == MQTT_SCAN_HEAD ||
	       seen == MQTT_SCAN_BODY) {
		if (seen == MQTT_SCAN_HEAD)
			check_head(out, &choice);
	}
	mqtt_scanner_finish(&scanner);
	return 0;
}
