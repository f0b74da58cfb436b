/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "config/config.h"
#include "mqtt/ack.h"
#include "mqtt/auth.h"
#include "mqtt/compose.h"
#include "mqtt/disconnect.h"
#include "mqtt/filter.h"
#include "mqtt/properties.h"
#include "mqtt/suback.h"
#include "mqtt/subscribe.h"
#include "mqtt/writer.h"
#include "policy/judge.h"
#include "policy/policy.h"

#define FILTERS_MOST 64     /* in one SUBSCRIBE, if more may not be held */
#define NOT_AUTHORISED 0x87 /* [MQTT5 2.4] */
#define QUOTA_EXCEEDED 0x97

/* PUBLISH */

static bool may_publish(const struct judge *judge,
                        const struct mqtt_publish *publish)
{
	if (judge->route->config->read_only)
		return judge_deny(judge, DENIAL_PUBLISH, publish->topic);
	if (!judge->grant.acl)
		return true;
	if (!acl_may_publish(&judge->grant, publish->topic,
	                     publish->is_retained)
	         .is_allowed)
		return judge_deny(judge, DENIAL_PUBLISH, publish->topic);
	if (publish->has_response_topic &&
	    !judge_may_receive(judge, publish->response_topic))
		return judge_deny(judge, DENIAL_RESPONSE,
		                  publish->response_topic);
	return true;
}

/*
 * MQTT 3 knows no refusal: it is acknowledged, and not forwarded. Of QoS 2
 * the whole handshake is ours then; MQTT 5 ends it with the refusal.
 */
static void refuse_publish(struct judge *judge,
                           const struct mqtt_publish *publish,
                           struct verdict *verdict)
{
	uint8_t level = judge->entry.level;

	switch (publish->qos) {
	case 0:
		verdict->ruling = VERDICT_DROP;
		return;
	case 1:
		verdict_answer(verdict, level, MQTT_PUBACK, publish->packet_id,
		               NOT_AUTHORISED);
		return;
	default:
		break;
	}
	verdict_answer(verdict, level, MQTT_PUBREC, publish->packet_id,
	               NOT_AUTHORISED);
	if (level != MQTT_LEVEL_5)
		verdict_open_message(verdict, &judge->refused,
		                     publish->packet_id, JUDGE_OPEN_MOST);
}

static void judge_publish(struct judge *judge, struct slice head,
                          struct verdict *verdict)
{
	const struct mqtt_publish *publish = &verdict->publish;
	enum mqtt_fault fault = mqtt_publish_read(
	    head, judge->entry.level, MQTT_SENDER_CLIENT, &verdict->publish);

	if (fault == MQTT_FAULT_NONE && publish->has_alias &&
	    judge->forbids_alias)
		fault = MQTT_FAULT_ALIAS;
	/* Without an ACL nobody else would stop it: no broker has that. */
	if (fault == MQTT_FAULT_NONE && !judge->grant.acl &&
	    mqtt_filter_is_share(publish->topic))
		fault = MQTT_FAULT_PROTOCOL;
	if (fault != MQTT_FAULT_NONE)
		verdict_browser_fault(verdict, fault);
	else if (publish->qos == 2 &&
	         packet_ids_has(&judge->refused, publish->packet_id))
		refuse_publish(judge, publish, verdict);
	else if (!may_publish(judge, publish))
		refuse_publish(judge, publish, verdict);
	else if (publish->qos == 2)
		verdict_open_message(verdict, &judge->published,
		                     publish->packet_id,
		                     judge->route->config->receive_max);
}

/* Acknowledgements */

static void judge_pubrel(struct judge *judge, const struct mqtt_ack *ack,
                         struct verdict *verdict)
{
	if (packet_ids_drop(&judge->refused, ack->packet_id))
		verdict_answer(verdict, judge->entry.level, MQTT_PUBCOMP,
		               ack->packet_id, 0);
	else
		packet_ids_drop(&judge->published, ack->packet_id);
}

static void judge_ack(struct judge *judge, enum mqtt_type type,
                      struct slice packet, struct verdict *verdict)
{
	struct mqtt_ack ack;
	enum mqtt_fault fault =
	    mqtt_ack_read(packet, judge->entry.level, MQTT_SENDER_CLIENT, &ack);

	if (fault != MQTT_FAULT_NONE)
		verdict_browser_fault(verdict, fault);
	else if (type == MQTT_PUBREL)
		judge_pubrel(judge, &ack, verdict);
}

/* SUBSCRIBE */

static uint8_t failure(const struct judge *judge, uint8_t code5)
{
	return judge->entry.level == MQTT_LEVEL_5 ? code5
	                                          : MQTT_SUBACK_REFUSED3;
}

static void judge_filter(struct judge *judge, struct subscribe *subscribe,
                         size_t at, struct slice filter)
{
	uint32_t most = judge->route->config->limits.subscriptions;
	bool is_own = slice_equals(filter, judge->own_topic);

	/* It is none of the page's own. */
	if (most > 0 && judge->own_topic.len > 0)
		most++;
	if (judge->grant.acl && !is_own &&
	    !acl_may_subscribe(&judge->grant, filter).is_allowed) {
		judge_deny(judge, DENIAL_SUBSCRIBE, filter);
		subscriptions_refuse(subscribe, at,
		                     failure(judge, NOT_AUTHORISED));
	} else if (!subscriptions_ask(&judge->subscriptions, subscribe, at,
	                              filter, most)) {
		judge_deny(judge, DENIAL_SUBSCRIBE, filter);
		subscriptions_refuse(subscribe, at,
		                     failure(judge, QUOTA_EXCEEDED));
	}
}

/* All are refused: the gateway answers, the broker hears nothing of it. */
static void answer_subscribe(const struct judge *judge,
                             const struct subscribe *subscribe,
                             struct verdict *verdict)
{
	size_t size = subscribe->count + MQTT_COMPOSE_FRAME_BYTES;
	uint8_t *packet = verdict_begin(verdict, size + subscribe->count);
	struct mqtt_suback suback = { .packet_id = subscribe->packet_id };

	if (!packet)
		return;
	for (size_t i = 0; i < subscribe->count; i++)
		packet[size + i] = subscribe->filters[i].code;
	suback.codes = (struct slice){ packet + size, subscribe->count };
	verdict_send_back(
	    verdict,
	    mqtt_compose_suback(packet, size, judge->entry.level, &suback));
}

/* Some are refused: the broker is asked for the others. */
static void forward_rest(const struct judge *judge,
                         const struct mqtt_subscribe *asked,
                         const struct subscribe *subscribe, size_t size,
                         struct verdict *verdict)
{
	uint8_t *packet = verdict_begin(verdict, size + asked->list.len);
	struct mqtt_subscribe rest = *asked;
	struct mqtt_subscription entry;
	struct slice list = asked->list;
	size_t len = 0;

	if (!packet)
		return;
	for (size_t i = 0; mqtt_subscribe_next(&list, &entry); i++) {
		if (subscribe->filters[i].code != SUBSCRIPTIONS_ASKED)
			continue;
		memcpy(packet + size + len, entry.whole.data, entry.whole.len);
		len += entry.whole.len;
	}
	rest.list = (struct slice){ packet + size, len };
	rest.count = subscribe->asked;
	verdict_replace(verdict, mqtt_compose_subscribe(
	                             packet, size, judge->entry.level, &rest));
}

static void judge_filters(struct judge *judge,
                          const struct mqtt_subscribe *asked, size_t size,
                          struct verdict *verdict)
{
	struct subscribe *subscribe =
	    subscriptions_begin(asked->packet_id, asked->count);
	struct mqtt_subscription entry;
	struct slice list = asked->list;

	if (!subscribe) {
		verdict_close(verdict, CLOSE_INTERNAL);
		return;
	}
	for (size_t i = 0; mqtt_subscribe_next(&list, &entry); i++)
		judge_filter(judge, subscribe, i, entry.filter);
	if (subscribe->asked == 0) {
		answer_subscribe(judge, subscribe, verdict);
		subscriptions_drop(&judge->subscriptions, subscribe);
		return;
	}
	if (subscribe->asked < subscribe->count)
		forward_rest(judge, asked, subscribe, size, verdict);
	subscriptions_wait(&judge->subscriptions, subscribe);
}

static bool has_too_many(const struct judge *judge, size_t filters)
{
	uint32_t most = judge->route->config->limits.subscriptions;

	return judge->subscriptions.pending_count >= SUBSCRIPTIONS_PENDING ||
	       (filters > most && filters > FILTERS_MOST);
}

static void judge_subscribe(struct judge *judge, struct slice packet,
                            struct verdict *verdict)
{
	struct mqtt_subscribe asked;
	enum mqtt_fault fault =
	    mqtt_subscribe_read(packet, judge->entry.level, &asked);

	if (fault == MQTT_FAULT_NONE &&
	    subscriptions_find(&judge->subscriptions, asked.packet_id))
		fault = MQTT_FAULT_PROTOCOL;
	if (fault != MQTT_FAULT_NONE)
		verdict_browser_fault(verdict, fault);
	else if (has_too_many(judge, asked.count))
		verdict_close(verdict, CLOSE_FLOOD);
	else
		judge_filters(judge, &asked, packet.len, verdict);
}

static void judge_unsubscribe(struct judge *judge, struct slice packet,
                              struct verdict *verdict)
{
	struct mqtt_subscribe asked;
	enum mqtt_fault fault =
	    mqtt_unsubscribe_read(packet, judge->entry.level, &asked);
	struct slice filter;

	if (fault != MQTT_FAULT_NONE) {
		verdict_browser_fault(verdict, fault);
		return;
	}
	while (mqtt_unsubscribe_next(&asked.list, &filter))
		subscriptions_leave(&judge->subscriptions, filter);
}

/* DISCONNECT and AUTH */

/* What CONNECT was not allowed to ask for, this cannot ask for either. */
static void forget_expiry(const struct judge *judge,
                          struct mqtt_disconnect *disconnect, size_t size,
                          struct verdict *verdict)
{
	struct mqtt_writer writer;
	uint8_t *packet = verdict_begin(verdict, 2 * size);

	if (!packet)
		return;
	mqtt_writer_init(&writer, packet + size, size);
	mqtt_properties_copy(&writer, disconnect->properties,
	                     mqtt_properties_bit(MQTT_PROPERTY_SESSION_EXPIRY));
	disconnect->properties = mqtt_writer_written(&writer);
	verdict_replace(verdict, mqtt_compose_disconnect(packet, size,
	                                                 judge->entry.level,
	                                                 disconnect));
}

static void judge_disconnect(const struct judge *judge, struct slice packet,
                             struct verdict *verdict)
{
	struct mqtt_property expiry = { .number = 0 };
	struct mqtt_disconnect disconnect;
	enum mqtt_fault fault = mqtt_disconnect_read(
	    packet, judge->entry.level, MQTT_SENDER_CLIENT, &disconnect);
	bool has_expiry =
	    fault == MQTT_FAULT_NONE &&
	    mqtt_properties_find(disconnect.properties,
	                         MQTT_PROPERTY_SESSION_EXPIRY, &expiry);

	/* [MQTT5 3.14.2.2.2] */
	if (has_expiry && expiry.number > 0 && !judge->entry.has_expiry)
		fault = MQTT_FAULT_PROTOCOL;
	if (fault != MQTT_FAULT_NONE)
		verdict_browser_fault(verdict, fault);
	else if (has_expiry && !judge->route->config->persistent)
		forget_expiry(judge, &disconnect, packet.len, verdict);
}

static void judge_auth(const struct judge *judge, struct slice packet,
                       struct verdict *verdict)
{
	struct mqtt_auth auth;
	enum mqtt_fault fault = mqtt_auth_read(packet, judge->entry.level,
	                                       MQTT_SENDER_CLIENT, &auth);

	/* [MQTT5 4.12] */
	if (fault == MQTT_FAULT_NONE && !judge->entry.has_auth_method)
		fault = MQTT_FAULT_PROTOCOL;
	verdict_browser_fault(verdict, fault);
}

void judge_from_browser(struct judge *judge, struct slice head,
                        struct verdict *verdict)
{
	enum mqtt_type type = mqtt_type_of(head.data[0]);

	verdict_clear(verdict);
	switch (type) {
	case MQTT_PUBLISH:
		judge_publish(judge, head, verdict);
		break;
	case MQTT_PUBACK:
	case MQTT_PUBREC:
	case MQTT_PUBREL:
	case MQTT_PUBCOMP:
		judge_ack(judge, type, head, verdict);
		break;
	case MQTT_SUBSCRIBE:
		judge_subscribe(judge, head, verdict);
		break;
	case MQTT_UNSUBSCRIBE:
		judge_unsubscribe(judge, head, verdict);
		break;
	case MQTT_DISCONNECT:
		judge_disconnect(judge, head, verdict);
		break;
	case MQTT_AUTH:
		judge_auth(judge, head, verdict);
		break;
	case MQTT_PINGREQ:
		break;
	case MQTT_CONNECT: /* a second one [MQTT-3.1.0-2] */
	case MQTT_RESERVED:
	case MQTT_CONNACK:
	case MQTT_SUBACK:
	case MQTT_UNSUBACK:
	case MQTT_PINGRESP:
		verdict_close(verdict, CLOSE_PROTOCOL_ERROR);
		break;
	}
}
