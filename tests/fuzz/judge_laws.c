/* SPDX-License-Identifier: Apache-2.0 */
#include "judge_laws.h"

#include <stdbool.h>
#include <string.h>

#include "config/config.h"
#include "mqtt/ack.h"
#include "mqtt/auth.h"
#include "mqtt/connack.h"
#include "mqtt/connect.h"
#include "mqtt/disconnect.h"
#include "mqtt/properties.h"
#include "mqtt/publish.h"
#include "mqtt/reader.h"
#include "mqtt/scanner.h"
#include "mqtt/suback.h"
#include "mqtt/subscribe.h"
#include "policy/acl.h"
#include "policy/policy.h"

#define HEAD_BYTES 0x20000

/* The broker's view of the session, from the CONNECT that reached it. */
struct view {
	const struct policy_route *route;
	uint8_t level;
	bool has_rules;
	bool judges_deliveries;
	struct acl_grant grant;
};

static bool has(struct slice properties, enum mqtt_property_id id)
{
	struct mqtt_property found;

	return mqtt_properties_find(properties, id, &found);
}

/* CONNECT */

static void check_login(const struct config_upstream *upstream,
                        const struct mqtt_connect *connect)
{
	if (!upstream->inject)
		return;
	LAW(connect->has_username);
	LAW(slice_is(connect->username, upstream->username.value));
	LAW(connect->has_password == (upstream->password != NULL));
	LAW(!has(connect->properties, MQTT_PROPERTY_AUTH_METHOD));
}

static void check_bounds(const struct config_route *config,
                         const struct mqtt_connect *connect)
{
	uint32_t alive = config->max_keepalive_s;

	if (!config->persistent) {
		LAW(connect->clean);
		LAW(!has(connect->properties, MQTT_PROPERTY_SESSION_EXPIRY));
	}
	if (connect->level == MQTT_LEVEL_5 && alive > 0)
		LAW(connect->keep_alive_s > 0 &&
		    connect->keep_alive_s <= alive);
}

static void check_will(const struct view *view,
                       const struct mqtt_connect *connect)
{
	struct mqtt_property response;

	if (!connect->has_will)
		return;
	LAW(!view->route->config->read_only);
	if (!view->has_rules)
		return;
	LAW(acl_may_publish(&view->grant, connect->will_topic,
	                    connect->will_retain)
	        .is_allowed);
	if (mqtt_properties_find(connect->will_properties,
	                         MQTT_PROPERTY_RESPONSE_TOPIC, &response))
		LAW(acl_may_receive(&view->grant, response.value).is_allowed);
}

static struct view enter(const struct policy_route *route, struct slice packet)
{
	struct view view = { .route = route, .has_rules = route->acl != NULL };
	struct mqtt_connect connect;

	LAW(mqtt_connect_read(packet, &connect) == MQTT_CONNECT_OK);
	view.level = connect.level;
	if (view.has_rules) {
		const struct acl_subject subject = {
			.client = connect.client_id,
			.user = route->upstream->inject || !connect.has_username
			            ? (struct slice){ NULL, 0 }
			            : connect.username,
		};

		LAW(acl_grant_init(&view.grant, route->acl, &subject));
		view.judges_deliveries = !acl_receives_all(route->acl);
	}
	check_login(route->upstream, &connect);
	check_bounds(route->config, &connect);
	check_will(&view, &connect);
	return view;
}

/* To the broker */

static void check_publish(const struct view *view, struct slice head)
{
	struct mqtt_publish publish;

	LAW(mqtt_publish_read(head, view->level, MQTT_SENDER_CLIENT,
	                      &publish) == MQTT_FAULT_NONE);
	LAW(!view->route->config->read_only);
	if (!view->has_rules)
		return;
	LAW(!publish.has_alias);
	LAW(acl_may_publish(&view->grant, publish.topic, publish.is_retained)
	        .is_allowed);
	if (publish.has_response_topic)
		LAW(acl_may_receive(&view->grant, publish.response_topic)
		        .is_allowed);
}

static void check_subscribe(const struct view *view, struct slice packet)
{
	struct mqtt_subscribe subscribe;
	struct mqtt_subscription next;

	LAW(mqtt_subscribe_read(packet, view->level, &subscribe) ==
	    MQTT_FAULT_NONE);
	while (mqtt_subscribe_next(&subscribe.list, &next))
		LAW(!view->has_rules ||
		    acl_may_subscribe(&view->grant, next.filter).is_allowed);
}

static void check_disconnect(const struct view *view, struct slice packet)
{
	struct mqtt_disconnect disconnect;

	LAW(mqtt_disconnect_read(packet, view->level, MQTT_SENDER_CLIENT,
	                         &disconnect) == MQTT_FAULT_NONE);
	LAW(view->route->config->persistent ||
	    !has(disconnect.properties, MQTT_PROPERTY_SESSION_EXPIRY));
}

static void check_auth(const struct view *view, struct slice packet)
{
	struct mqtt_auth auth;

	LAW(mqtt_auth_read(packet, view->level, MQTT_SENDER_CLIENT, &auth) ==
	    MQTT_FAULT_NONE);
	LAW(!view->route->upstream->inject);
}

static void check_up(const struct view *view, struct slice head)
{
	struct mqtt_subscribe unsubscribe;
	struct mqtt_ack ack;

	switch ((int)mqtt_type_of(head.data[0])) {
	case MQTT_PUBLISH:
		check_publish(view, head);
		break;
	case MQTT_PUBACK:
	case MQTT_PUBREC:
	case MQTT_PUBREL:
	case MQTT_PUBCOMP:
		LAW(mqtt_ack_read(head, view->level, MQTT_SENDER_CLIENT,
		                  &ack) == MQTT_FAULT_NONE);
		break;
	case MQTT_SUBSCRIBE:
		check_subscribe(view, head);
		break;
	case MQTT_UNSUBSCRIBE:
		LAW(mqtt_unsubscribe_read(head, view->level, &unsubscribe) ==
		    MQTT_FAULT_NONE);
		break;
	case MQTT_DISCONNECT:
		check_disconnect(view, head);
		break;
	case MQTT_AUTH:
		check_auth(view, head);
		break;
	default: /* a CONNECT among them, which is the first and the last */
		LAW(mqtt_type_of(head.data[0]) == MQTT_PINGREQ);
		break;
	}
}

void laws_check_broker(const struct policy_route *route, struct slice wire)
{
	struct view view = { 0 };
	struct mqtt_scanner scanner;
	struct slice out;
	enum mqtt_scan seen;

	mqtt_scanner_init(&scanner, MQTT_SENDER_CLIENT, MQTT_REMAINING_MAX,
	                  HEAD_BYTES);
	while ((seen = mqtt_scan(&scanner, &wire, &out)) != MQTT_SCAN_MORE) {
		LAW(seen == MQTT_SCAN_HEAD || seen == MQTT_SCAN_BODY);
		if (seen == MQTT_SCAN_BODY)
			continue;
		if (view.level != 0) {
			check_up(&view, out);
			continue;
		}
		view = enter(route, out);
		scanner.level = view.level;
	}
	LAW(mqtt_scanner_held(&scanner) == 0);
	acl_grant_finish(&view.grant);
	mqtt_scanner_finish(&scanner);
}

/* To the browser */

/* Only a list that we made longer may be over the bounds of our reader. */
static bool is_overfull(struct slice packet)
{
	struct mqtt_property property;
	size_t count = 0;
	uint16_t flags;
	uint32_t len;
	uint8_t first;

	LAW(mqtt_reader_header(&packet, &first));
	LAW(mqtt_reader_u16(&packet, &flags));
	LAW(mqtt_reader_varint(&packet, &len) == MQTT_VARINT_OK);
	LAW(packet.len == len);
	while (mqtt_properties_take(&packet, &property))
		count++;
	LAW(packet.len == 0);
	return count > MQTT_PROPERTIES_MAX || len > MQTT_PROPERTIES_BYTES;
}

static void check_connack(const struct view *view, struct slice packet)
{
	struct mqtt_connack connack;
	struct mqtt_property found = { 0 };

	if (mqtt_connack_read(packet, view->level, &connack) !=
	    MQTT_FAULT_NONE) {
		LAW(is_overfull(packet));
		return;
	}
	if (view->level != MQTT_LEVEL_5 || connack.code != 0)
		return;
	LAW(view->route->config->receive_max == UINT16_MAX ||
	    mqtt_properties_find(connack.properties,
	                         MQTT_PROPERTY_RECEIVE_MAXIMUM, &found));
	LAW(found.number <= view->route->config->receive_max);
	LAW(!view->has_rules ||
	    !has(connack.properties, MQTT_PROPERTY_TOPIC_ALIAS_MAXIMUM));
}

static void check_delivery(const struct view *view, struct slice head)
{
	struct mqtt_publish publish;

	if (!view->judges_deliveries)
		return;
	LAW(mqtt_publish_read(head, view->level, MQTT_SENDER_SERVER,
	                      &publish) == MQTT_FAULT_NONE);
	LAW(!publish.has_alias);
	LAW(acl_may_receive(&view->grant, publish.topic).is_allowed);
}

static void check_down(const struct view *view, struct slice head)
{
	struct mqtt_suback suback;
	struct mqtt_ack ack;

	switch ((int)mqtt_type_of(head.data[0])) {
	case MQTT_CONNACK:
		check_connack(view, head);
		break;
	case MQTT_PUBLISH:
		check_delivery(view, head);
		break;
	case MQTT_PUBREC:
	case MQTT_PUBREL:
		LAW(mqtt_ack_read(head, view->level, MQTT_SENDER_SERVER,
		                  &ack) == MQTT_FAULT_NONE);
		break;
	case MQTT_SUBACK:
		LAW(mqtt_suback_read(head, view->level, &suback) ==
		    MQTT_FAULT_NONE);
		break;
	default: /* the broker's word to the browser */
		break;
	}
}

void laws_check_browser(const struct policy_route *route, struct slice wire,
                        struct slice connect)
{
	struct view view = enter(route, connect);
	struct mqtt_scanner scanner;
	struct slice out;
	enum mqtt_scan seen;

	mqtt_scanner_init(&scanner, MQTT_SENDER_SERVER, MQTT_REMAINING_MAX,
	                  HEAD_BYTES);
	scanner.level = view.level;
	while ((seen = mqtt_scan(&scanner, &wire, &out)) != MQTT_SCAN_MORE) {
		LAW(seen == MQTT_SCAN_HEAD || seen == MQTT_SCAN_BODY);
		if (seen == MQTT_SCAN_HEAD)
			check_down(&view, out);
	}
	LAW(mqtt_scanner_held(&scanner) == 0);
	acl_grant_finish(&view.grant);
	mqtt_scanner_finish(&scanner);
}
