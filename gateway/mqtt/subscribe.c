/* SPDX-License-Identifier: Apache-2.0 */
#include "mqtt/subscribe.h"

#include "mqtt/filter.h"
#include "mqtt/properties.h"
#include "mqtt/protocol.h"
#include "mqtt/reader.h"

bool mqtt_unsubscribe_next(struct slice *list, struct slice *filter)
{
	return mqtt_reader_binary(list, filter);
}

bool mqtt_subscribe_next(struct slice *list,
                         struct mqtt_subscription *subscription)
{
	struct mqtt_subscription next = { .whole = *list };
	struct slice rest = *list;

	if (!mqtt_reader_binary(&rest, &next.filter) ||
	    !mqtt_reader_u8(&rest, &next.options))
		return false;
	next.whole.len -= rest.len;
	*list = rest;
	*subscription = next;
	return true;
}

/* What both packets have before their entries. */
static enum mqtt_fault read_front(struct slice packet, uint8_t level,
                                  enum mqtt_type type,
                                  struct mqtt_subscribe *subscribe)
{
	struct mqtt_properties_used used = { 0 };
	enum mqtt_fault fault = MQTT_FAULT_NONE;
	uint8_t first;

	if (!mqtt_reader_header(&packet, &first) ||
	    !mqtt_reader_u16(&packet, &subscribe->packet_id))
		return MQTT_FAULT_MALFORMED;
	if (level == MQTT_LEVEL_5)
		fault = mqtt_properties_read(&packet, type, &used,
		                             &subscribe->properties);
	subscribe->list = packet;
	return fault;
}

/* MQTT 3.1 disregards the reserved bits. */
static enum mqtt_fault judge_options(uint8_t options, uint8_t level,
                                     enum mqtt_filter kind)
{
	bool has_bad_qos = (options & MQTT_OPTION_QOS) > MQTT_QOS_MAX;

	if (level == MQTT_LEVEL_3_1)
		return has_bad_qos ? MQTT_FAULT_MALFORMED : MQTT_FAULT_NONE;
	if (level == MQTT_LEVEL_3_1_1)
		return options > MQTT_QOS_MAX ? MQTT_FAULT_MALFORMED
		                              : MQTT_FAULT_NONE;
	if (options & MQTT_OPTION_RESERVED)
		return MQTT_FAULT_MALFORMED;
	/* [MQTT5 3.8.3.1] */
	if (has_bad_qos || (options & MQTT_OPTION_RETAIN_HANDLING) ==
	                       MQTT_OPTION_RETAIN_HANDLING)
		return MQTT_FAULT_PROTOCOL;
	return kind == MQTT_FILTER_SHARED && options & MQTT_OPTION_NO_LOCAL
	           ? MQTT_FAULT_PROTOCOL
	           : MQTT_FAULT_NONE;
}

static enum mqtt_filter kind_of(struct slice filter)
{
	struct slice group, inner;

	return mqtt_filter_read(filter, &group, &inner);
}

static enum mqtt_fault judge_subscription(struct slice *list, uint8_t level)
{
	struct mqtt_subscription next;

	if (!mqtt_subscribe_next(list, &next))
		return MQTT_FAULT_MALFORMED;

	enum mqtt_filter kind = kind_of(next.filter);

	if (kind == MQTT_FILTER_MALFORMED)
		return MQTT_FAULT_MALFORMED;
	return judge_options(next.options, level, kind);
}

/* What can only be said once the entries are known. */
static enum mqtt_fault judge_whole(const struct mqtt_subscribe *subscribe)
{
	return subscribe->count == 0 || subscribe->packet_id == 0
	           ? MQTT_FAULT_PROTOCOL
	           : MQTT_FAULT_NONE;
}

enum mqtt_fault mqtt_subscribe_read(struct slice packet, uint8_t level,
                                    struct mqtt_subscribe *subscribe)
{
	struct mqtt_subscribe read = { 0 };
	enum mqtt_fault fault =
	    read_front(packet, level, MQTT_SUBSCRIBE, &read);
	struct slice list = read.list;

	for (; fault == MQTT_FAULT_NONE && list.len > 0; read.count++)
		fault = judge_subscription(&list, level);
	if (fault == MQTT_FAULT_NONE)
		fault = judge_whole(&read);
	if (fault == MQTT_FAULT_NONE)
		*subscribe = read;
	return fault;
}

enum mqtt_fault mqtt_unsubscribe_read(struct slice packet, uint8_t level,
                                      struct mqtt_subscribe *subscribe)
{
	struct mqtt_subscribe read = { 0 };
	enum mqtt_fault fault =
	    read_front(packet, level, MQTT_UNSUBSCRIBE, &read);
	struct slice list = read.list;
	struct slice filter;

	for (; fault == MQTT_FAULT_NONE && list.len > 0; read.count++) {
		if (!mqtt_unsubscribe_next(&list, &filter) ||
		    kind_of(filter) == MQTT_FILTER_MALFORMED)
			fault = MQTT_FAULT_MALFORMED;
	}
	if (fault == MQTT_FAULT_NONE)
		fault = judge_whole(&read);
	if (fault == MQTT_FAULT_NONE)
		*subscribe = read;
	return fault;
}
