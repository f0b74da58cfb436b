/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "config/config.h"
#include "mqtt/ack.h"
#include "mqtt/filter.h"
#include "mqtt/properties.h"
#include "mqtt/protocol.h"
#include "page/envelope.h"
#include "page/page.h"
#include "page/properties.h"
#include "page/room.h"
#include "policy/policy.h"
#include "session/session.h"

#define ASKS_MOST 256 /* of one page, that wait for their response */

static const struct slice no_tag = { NULL, 0 };

static void refuse_unsupported(struct session *session, struct slice id,
                               const char *message)
{
	struct json_error error = json_error_not_supported(message);

	envelope_refuse(session, id, &error);
}

/* Whether there is room for `size` octets while nothing can go out. */
static bool has_room(struct session *session, struct slice id, size_t size)
{
	if (!line_is_away(session) || !line_is_full(session, size))
		return true;
	envelope_refuse_code(
	    session, id, JSON_CODE_QUOTA,
	    "The broker is away and the queue is full: try again later.", true);
	return false;
}

/* publish */

static bool can_have_properties(const struct session *session,
                                const struct json_request *request)
{
	return session->route->config->mqtt_version == MQTT_LEVEL_5 ||
	       !json_properties_are_any(&request->properties);
}

/* Whether a packet may have them all: a broker would end the session. */
static bool fit(struct slice list)
{
	struct mqtt_properties_used used = { 0 };

	return mqtt_properties_check(list, MQTT_PUBLISH, &used) ==
	       MQTT_PROPERTIES_OK;
}

/* Puts it into the outbox; NULL: it was refused, or the session closed. */
static struct request *put_message(struct session *session, struct slice tag,
                                   const struct json_request *request,
                                   struct slice properties)
{
	const struct message message = {
		.topic = request->topic,
		.payload = request->payload,
		.properties = properties,
		.qos = request->qos,
		.is_retained = request->is_retained,
	};
	struct request *put;

	if (!fit(properties)) {
		envelope_refuse_code(
		    session, request->id, JSON_CODE_TOO_LARGE,
		    "A message may have 64 properties, and 16384 octets of "
		    "them: leave some out.",
		    false);
		return NULL;
	}
	put = outbox_put_publish(&session->page->line.outbox, tag, &message);
	if (!put)
		session_close(session, CLOSE_INTERNAL);
	return put;
}

static struct request *put_publish(struct session *session, struct slice tag,
                                   const struct json_request *request,
                                   const struct json_properties *properties)
{
	struct request *put = NULL;
	uint8_t *list;
	size_t len;

	if (properties_write(properties, &list, &len)) {
		put = put_message(session, tag, request,
		                  (struct slice){ list, len });
		free(list);
	} else {
		session_close(session, CLOSE_INTERNAL);
	}
	return put;
}

static bool is_publishable(struct session *session,
                           const struct json_request *request)
{
	if (!mqtt_filter_is_share(request->topic))
		return true;
	envelope_refuse_code(
	    session, request->id, JSON_CODE_TOPIC,
	    "Nothing can be published to a shared subscription: leave out "
	    "$share and the group.",
	    false);
	return false;
}

static void publish(struct session *session, const struct json_request *request)
{
	if (!is_publishable(session, request))
		return;
	if (!can_have_properties(session, request))
		refuse_unsupported(session, request->id,
		                   "Properties need a route with MQTT 5.");
	else if (!has_room(session, request->id, request->payload.len))
		return;
	else if (put_publish(session, request->id, request,
	                     &request->properties))
		line_settle(session);
}

/* request */

static bool put_ask(struct session *session, const struct json_request *request)
{
	struct envelope *envelope = envelope_of(session);
	struct json_properties properties = request->properties;
	struct ask *ask =
	    asks_add(&envelope->asks, request->id,
	             uv_now(session->room->loop) + request->timeout_ms);
	struct request *put;

	if (!ask) {
		session_close(session, CLOSE_INTERNAL);
		return false;
	}
	properties.response_topic = slice_from_text(envelope->reply_topic);
	properties.correlation_data =
	    (struct slice){ ask->correlation, sizeof ask->correlation };
	put = put_publish(session, no_tag, request, &properties);
	if (put)
		ask->number = put->number;
	else
		asks_drop(&envelope->asks, ask);
	return put != NULL;
}

static void ask(struct session *session, const struct json_request *request)
{
	if (!is_publishable(session, request))
		return;
	if (session->route->config->mqtt_version != MQTT_LEVEL_5)
		refuse_unsupported(session, request->id,
		                   "Requests need a route with MQTT 5.");
	else if (envelope_of(session)->asks.count >= ASKS_MOST)
		envelope_refuse_code(
		    session, request->id, JSON_CODE_QUOTA,
		    "Too many requests have no response yet: try again later.",
		    true);
	else if (!has_room(session, request->id, request->payload.len))
		return;
	else if (!envelope_of(session)->has_reply_topic &&
	         !envelope_subscribe_to_replies(session))
		session_close(session, CLOSE_INTERNAL);
	else if (put_ask(session, request)) {
		line_settle(session);
		envelope_look(session);
	}
}

void envelope_carry_out(struct session *session,
                        const struct json_request *request)
{
	switch (request->type) {
	case JSON_REQUEST_SUBSCRIBE:
		if (has_room(session, request->id, 0))
			envelope_subscribe(session, request);
		break;
	case JSON_REQUEST_UNSUBSCRIBE:
		if (has_room(session, request->id, 0))
			envelope_unsubscribe(session, request);
		break;
	case JSON_REQUEST_PUBLISH:
		publish(session, request);
		break;
	case JSON_REQUEST_REQUEST:
		ask(session, request);
		break;
	case JSON_REQUEST_AUTH:
		refuse_unsupported(session, request->id,
		                   "This route takes no tokens.");
		break;
	case JSON_REQUEST_PING:
		envelope_send(
		    session,
		    json_answer_pong(&session->room->pages->text, request->id));
		break;
	case JSON_REQUEST_NONE:
		break;
	}
}

/* The broker's answers. */

static void answer_publish(struct session *session,
                           const struct request *request, uint8_t code)
{
	struct asks *asks = &envelope_of(session)->asks;
	struct ask *ask = asks_find_number(asks, request->number);
	struct slice id = ask ? ask->id : request->tag;

	if (code >= MQTT_REASON_FAILURE) {
		if (id.len > 0)
			envelope_refuse_code(session, id, code,
			                     envelope_advice(code), false);
		if (ask)
			asks_drop(asks, ask);
	} else if (request->tag.len > 0) {
		envelope_send(session,
		              json_answer_ack(&session->room->pages->text,
		                              request->tag, code));
	}
}

void envelope_answer(struct session *session, const struct request *request,
                     const uint8_t *codes, size_t count)
{
	if (request->kind == REQUEST_PUBLISH)
		answer_publish(session, request, codes[0]);
	else if (request->number == envelope_of(session)->reply_number)
		envelope_answer_reply_topic(session, codes[0]);
	else
		envelope_answer_filters(session, request, codes, count);
}
