/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/judge.h"

#include "config/config.h"
#include "mqtt/connect.h"
#include "mqtt/filter.h"
#include "mqtt/properties.h"
#include "policy/policy.h"

void judge_init(struct judge *judge, const struct policy_route *route,
                const struct judge_events *events, void *owner)
{
	*judge =
	    (struct judge){ .route = route,
		            .events = events,
		            .owner = owner,
		            .checks_delivery = entry_checks_delivery(route),
		            .forbids_alias = entry_forbids_alias(route),
		            .subscriptions = { .seed = &route->seed } };
}

void judge_finish(struct judge *judge)
{
	entry_finish(&judge->entry);
	if (judge->grant.acl)
		acl_grant_finish(&judge->grant);
	subscriptions_finish(&judge->subscriptions);
	packet_ids_finish(&judge->refused);
	packet_ids_finish(&judge->withheld);
	packet_ids_finish(&judge->published);
}

static enum close_reason reason_of(enum mqtt_connect_read read)
{
	switch (read) {
	case MQTT_CONNECT_OK:
		return CLOSE_NONE;
	case MQTT_CONNECT_PROTOCOL_ERROR:
		return CLOSE_PROTOCOL_ERROR;
	case MQTT_CONNECT_BAD_CLIENT_ID:
		return CLOSE_CLIENT_ID;
	case MQTT_CONNECT_MALFORMED:
	case MQTT_CONNECT_UNKNOWN_LEVEL:
		break;
	}
	return CLOSE_MALFORMED;
}

static bool grant_rights(struct judge *judge)
{
	struct acl_subject subject = {
		.client = slice_from_text(judge->entry.client_id),
	};

	if (!judge->route->acl)
		return true;
	if (judge->entry.user)
		subject.user = slice_from_text(judge->entry.user);
	return acl_grant_init(&judge->grant, judge->route->acl, &subject);
}

bool judge_may_receive(const struct judge *judge, struct slice topic)
{
	return !judge->grant.acl || slice_equals(topic, judge->own_topic) ||
	       acl_may_receive(&judge->grant, topic).is_allowed;
}

bool judge_deny(const struct judge *judge, enum denial denial,
                struct slice topic)
{
	judge->events->on_denied(judge->owner, denial, topic);
	return false;
}

/* The will's own Response Topic has to be one that we may read. */
static bool may_ask(const struct judge *judge,
                    const struct mqtt_connect *connect)
{
	struct mqtt_property response;

	if (!mqtt_properties_find(connect->will_properties,
	                          MQTT_PROPERTY_RESPONSE_TOPIC, &response) ||
	    judge_may_receive(judge, response.value))
		return true;
	return judge_deny(judge, DENIAL_RESPONSE, response.value);
}

static bool may_leave_will(const struct judge *judge,
                           const struct mqtt_connect *connect)
{
	if (!connect->has_will)
		return true;
	if (judge->route->config->read_only ||
	    mqtt_filter_is_share(connect->will_topic) ||
	    (judge->grant.acl &&
	     !acl_may_publish(&judge->grant, connect->will_topic,
	                      connect->will_retain)
	          .is_allowed))
		return judge_deny(judge, DENIAL_WILL, connect->will_topic);
	return may_ask(judge, connect);
}

static void rewrite(struct judge *judge, const struct mqtt_connect *connect,
                    struct verdict *verdict)
{
	size_t len;

	switch (entry_write_connect(&judge->entry, judge->route, connect,
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

void judge_connect(struct judge *judge, struct slice packet,
                   const char *session, struct verdict *verdict)
{
	struct mqtt_connect connect;
	struct entry_refusal refusal = {
		.reason = reason_of(mqtt_connect_read(packet, &connect)),
	};

	verdict_clear(verdict);
	judge->entry.level = connect.level;
	if (refusal.reason == CLOSE_NONE)
		refusal =
		    entry_judge(&judge->entry, judge->route, &connect, session);
	if (refusal.reason == CLOSE_NONE && !grant_rights(judge))
		refusal.reason = CLOSE_INTERNAL;
	if (refusal.reason == CLOSE_NONE && !may_leave_will(judge, &connect))
		refusal.reason = CLOSE_NOT_AUTHORISED;
	if (refusal.reason == CLOSE_NONE) {
		rewrite(judge, &connect, verdict);
		return;
	}
	verdict->code5 = refusal.code5;
	verdict_close(verdict, refusal.reason);
}
