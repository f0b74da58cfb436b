/* SPDX-License-Identifier: Apache-2.0 */
#include "config/config.h"
#include "mqtt/ack.h"
#include "mqtt/compose.h"
#include "mqtt/connack.h"
#include "mqtt/suback.h"
#include "policy/judge.h"
#include "policy/policy.h"

/* CONNACK */

static void judge_connack(const struct judge *judge, struct slice packet,
                          struct verdict *verdict)
{
	struct mqtt_connack connack;
	size_t len;

	if (mqtt_connack_read(packet, judge->entry.level, &connack) !=
	    MQTT_FAULT_NONE) {
		verdict_broker_fault(verdict);
		return;
	}
	if (judge->entry.level != MQTT_LEVEL_5 || connack.code != 0)
		return;
	switch (entry_write_connack(&judge->entry, judge->route, &connack,
	                            &verdict->written, &len)) {
	case ENTRY_SAME:
		break;
	case ENTRY_WRITTEN:
		verdict_replace(verdict, len);
		break;
	case ENTRY_MEMORY:
		verdict_close(verdict, CLOSE_INTERNAL);
		break;
	}
}

/* PUBLISH */

/* It is acknowledged: the broker's window must not fill up with it. */
static void withhold(struct judge *judge, const struct mqtt_publish *publish,
                     struct verdict *verdict)
{
	uint8_t level = judge->entry.level;

	judge_deny(judge, DENIAL_DELIVER, publish->topic);
	switch (publish->qos) {
	case 0:
		verdict->ruling = VERDICT_DROP;
		break;
	case 1:
		verdict_answer(verdict, level, MQTT_PUBACK, publish->packet_id,
		               0);
		break;
	default:
		verdict_answer(verdict, level, MQTT_PUBREC, publish->packet_id,
		               0);
		verdict_open_message(verdict, &judge->withheld,
		                     publish->packet_id, JUDGE_OPEN_MOST);
		break;
	}
}

static void judge_publish(struct judge *judge, struct slice head,
                          struct verdict *verdict)
{
	struct mqtt_publish *publish = &verdict->publish;

	if (!judge->checks_delivery)
		return;
	/* An alias was not offered to the broker where deliveries are judged.
	 */
	if (mqtt_publish_read(head, judge->entry.level, MQTT_SENDER_SERVER,
	                      publish) != MQTT_FAULT_NONE ||
	    publish->has_alias)
		verdict_broker_fault(verdict);
	else if (!judge_may_receive(judge, publish->topic))
		withhold(judge, publish, verdict);
}

/* Acknowledgements */

static void judge_pubrel(struct judge *judge, const struct mqtt_ack *ack,
                         struct verdict *verdict)
{
	if (packet_ids_drop(&judge->withheld, ack->packet_id))
		verdict_answer(verdict, judge->entry.level, MQTT_PUBCOMP,
		               ack->packet_id, 0);
}

static void judge_ack(struct judge *judge, enum mqtt_type type,
                      struct slice packet, struct verdict *verdict)
{
	struct mqtt_ack ack;

	if (mqtt_ack_read(packet, judge->entry.level, MQTT_SENDER_SERVER,
	                  &ack) != MQTT_FAULT_NONE)
		verdict_broker_fault(verdict);
	else if (type == MQTT_PUBREL)
		judge_pubrel(judge, &ack, verdict);
	else if (type == MQTT_PUBACK || ack.reason >= MQTT_REASON_FAILURE)
		packet_ids_drop(&judge->published, ack.packet_id);
}

/* SUBACK */

static void put_refusals_back(struct judge *judge, struct mqtt_suback *suback,
                              const struct subscribe *subscribe, size_t size,
                              struct verdict *verdict)
{
	uint8_t *packet = verdict_begin(verdict, size + subscribe->count);

	if (!packet)
		return;
	if (!subscriptions_answer(&judge->subscriptions, subscribe,
	                          suback->codes, packet + size)) {
		verdict_close(verdict, CLOSE_INTERNAL);
		return;
	}
	if (subscribe->asked == subscribe->count)
		return;
	suback->codes = (struct slice){ packet + size, subscribe->count };
	verdict_replace(verdict, mqtt_compose_suback(
	                             packet, size, judge->entry.level, suback));
}

static void judge_suback(struct judge *judge, struct slice packet,
                         struct verdict *verdict)
{
	struct mqtt_suback suback;
	struct subscribe *subscribe;

	if (mqtt_suback_read(packet, judge->entry.level, &suback) !=
	    MQTT_FAULT_NONE) {
		verdict_broker_fault(verdict);
		return;
	}
	subscribe = subscriptions_find(&judge->subscriptions, suback.packet_id);
	if (!subscribe) {
		verdict_close(verdict, CLOSE_INTERNAL);
		return;
	}
	put_refusals_back(
	    judge, &suback, subscribe,
	    packet.len + subscribe->count + MQTT_COMPOSE_FRAME_BYTES, verdict);
	subscriptions_drop(&judge->subscriptions, subscribe);
}

void judge_from_broker(struct judge *judge, struct slice head,
                       struct verdict *verdict)
{
	enum mqtt_type type = mqtt_type_of(head.data[0]);

	verdict_clear(verdict);
	switch ((int)type) {
	case MQTT_PUBLISH:
		judge_publish(judge, head, verdict);
		break;
	case MQTT_CONNACK:
		judge_connack(judge, head, verdict);
		break;
	case MQTT_SUBACK:
		judge_suback(judge, head, verdict);
		break;
	case MQTT_PUBREC:
	case MQTT_PUBREL:
		judge_ack(judge, type, head, verdict);
		break;
	case MQTT_PUBACK: /* RabbitMQ's answer to QoS 2, too */
		if (judge->published.count > 0)
			judge_ack(judge, type, head, verdict);
		break;
	default: /* nothing to judge: the broker's word to the browser */
		break;
	}
}
