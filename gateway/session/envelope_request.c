/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "config/config.h"
#include "mqtt/ack.h"
#include "mqtt/filter.h"
#include "mqtt/properties.h"
#include "mqtt/protocol.h"
#include "policy/policy.h"
#include "session/envelope.h"
#include "session/properties.h"
#include "session/session.h"

#define ASKS_MOST 256 /* of one page, that wait for their response */

static const struct slice no_tag = { NULL, 0 };

static void refuse(struct session *session, struct slice id, uint8_t code,
                   const char *message, bool is_temporary)
{
	struct json_error error = json_error_of(code, message);

	error.is_temporary = is_temporary;
	envelope_refuse(session, id, &error);
}

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
	refuse(session, id, JSON_CODE_QUOTA,
	       "The broker is away and the queue is full: try again later.",
	       true);
	return false;
}

/* subscribe, unsubscribe */

static struct request *put_filters(struct session *session,
                                   enum request_kind kind, struct slice tag,
                                   const struct json_topic *topics,
                                   size_t count)
{
	struct client_filter filters[JSON_TOPICS_MAX];

	for (size_t i = 0; i < count; i++)
		filters[i] =
		    (struct client_filter){ topics[i].topic, topics[i].qos };
	return outbox_put_filters(&session->line->outbox, kind, tag, filters,
	                          count);
}

static size_t count_new(const struct interests *interests,
                        const struct json_request *request)
{
	size_t count = 0;

	for (size_t i = 0; i < request->topic_count; i++) {
		if (!interests_find(interests, request->topics[i].topic))
			count++;
	}
	return count;
}

static bool note_interests(struct session *session,
                           const struct json_request *request)
{
	for (size_t i = 0; i < request->topic_count; i++) {
		const struct json_topic *topic = &request->topics[i];

		if (!interests_put(&session->envelope->interests, topic->topic,
		                   topic->qos, topic->as, topic->interval_ms))
			return false;
	}
	return true;
}

static void subscribe(struct session *session,
                      const struct json_request *request)
{
	struct interests *interests = &session->envelope->interests;
	uint32_t most = session->route->config->limits.subscriptions;

	if (most > 0 &&
	    interests->count + count_new(interests, request) > most) {
		refuse(session, request->id, JSON_CODE_QUOTA,
		       "This is more subscriptions than a session may have: "
		       "unsubscribe from others first.",
		       false);
		return;
	}
	/* A retained message may come before SUBACK. */
	if (!note_interests(session, request) ||
	    !put_filters(session, REQUEST_SUBSCRIBE, request->id,
	                 request->topics, request->topic_count))
		session_close(session, CLOSE_INTERNAL);
	else
		line_settle(session);
}

static void unsubscribe(struct session *session,
                        const struct json_request *request)
{
	for (size_t i = 0; i < request->topic_count; i++)
		interests_drop(&session->envelope->interests,
		               request->topics[i].topic);
	if (!put_filters(session, REQUEST_UNSUBSCRIBE, request->id,
	                 request->topics, request->topic_count))
		session_close(session, CLOSE_INTERNAL);
	else
		line_settle(session);
}

static bool subscribe_to_replies(struct session *session)
{
	struct envelope *envelope = session->envelope;
	const struct json_topic topic = {
		.topic = slice_from_text(envelope->reply_topic),
		.qos = 1,
	};
	struct request *request;

	request = put_filters(session, REQUEST_SUBSCRIBE, no_tag, &topic, 1);
	if (!request)
		return false;
	outbox_hurry(&session->line->outbox, request);
	envelope->reply_number = request->number;
	envelope->has_reply_topic = true;
	return true;
}

static struct json_topic topic_of(const struct interest *interest)
{
	return (struct json_topic){ .topic = interest->filter,
		                    .qos = interest->qos };
}

/* What has not been answered yet waits in the outbox by itself. */
void envelope_subscribe_again(struct session *session)
{
	struct envelope *envelope = session->envelope;
	struct interest *interest = envelope->interests.first;
	struct json_topic topics[JSON_TOPICS_MAX];
	struct request *request;
	bool is_good = true;

	while (is_good && interest) {
		size_t count = 0;

		for (; interest && count < JSON_TOPICS_MAX;
		     interest = interest->next) {
			if (interest->is_granted)
				topics[count++] = topic_of(interest);
		}
		if (count == 0)
			break;
		request = put_filters(session, REQUEST_SUBSCRIBE, no_tag,
		                      topics, count);
		if (request)
			outbox_hurry(&session->line->outbox, request);
		is_good = request != NULL;
	}
	if (is_good && envelope->has_reply_topic)
		is_good = subscribe_to_replies(session);
	if (!is_good)
		session_close(session, CLOSE_INTERNAL);
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
		refuse(session, request->id, JSON_CODE_TOO_LARGE,
		       "A message may have 64 properties, and 16384 octets of "
		       "them: leave some out.",
		       false);
		return NULL;
	}
	put = outbox_put_publish(&session->line->outbox, tag, &message);
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
	refuse(session, request->id, JSON_CODE_TOPIC,
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
	struct envelope *envelope = session->envelope;
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
	else if (session->envelope->asks.count >= ASKS_MOST)
		refuse(
		    session, request->id, JSON_CODE_QUOTA,
		    "Too many requests have no response yet: try again later.",
		    true);
	else if (!has_room(session, request->id, request->payload.len))
		return;
	else if (!session->envelope->has_reply_topic &&
	         !subscribe_to_replies(session))
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
			subscribe(session, request);
		break;
	case JSON_REQUEST_UNSUBSCRIBE:
		if (has_room(session, request->id, 0))
			unsubscribe(session, request);
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
		envelope_send(session, json_answer_pong(&session->room->text,
		                                        request->id));
		break;
	case JSON_REQUEST_NONE:
		break;
	}
}

/* The broker's answers. */

static const char *advice(uint8_t code)
{
	switch (code) {
	case JSON_CODE_NOT_AUTHORIZED:
		return "This is not allowed here: ask for a rule in the "
		       "route's ACL.";
	case JSON_CODE_QUOTA:
		return "The broker takes no more of it.";
	default:
		return "The broker has refused it.";
	}
}

static void grant(struct session *session, const struct request *request,
                  struct slice filter)
{
	struct interest *interest =
	    interests_find(&session->envelope->interests, filter);

	if (interest && request->kind == REQUEST_SUBSCRIBE)
		interest->is_granted = true;
}

static void answer_filters(struct session *session,
                           const struct request *request, const uint8_t *codes,
                           size_t count)
{
	struct json_outcome outcomes[JSON_TOPICS_MAX];
	const struct json_error *error = NULL;
	struct json_error first;

	for (size_t i = 0; i < count; i++) {
		struct slice filter = request->filters[i].filter;

		outcomes[i] = (struct json_outcome){ filter, codes[i] };
		if (codes[i] < MQTT_REASON_FAILURE) {
			grant(session, request, filter);
			continue;
		}
		if (request->kind == REQUEST_SUBSCRIBE)
			interests_drop(&session->envelope->interests, filter);
		if (!error) {
			first = json_error_of(codes[i], advice(codes[i]));
			error = &first;
		}
	}
	if (request->tag.len > 0)
		envelope_send(session, json_answer_topics(
		                           &session->room->text, request->tag,
		                           outcomes, count, error));
	else if (error)
		envelope_refuse(session, no_tag, error);
}

static void answer_publish(struct session *session,
                           const struct request *request, uint8_t code)
{
	struct asks *asks = &session->envelope->asks;
	struct ask *ask = asks_find_number(asks, request->number);
	struct slice id = ask ? ask->id : request->tag;

	if (code >= MQTT_REASON_FAILURE) {
		if (id.len > 0)
			refuse(session, id, code, advice(code), false);
		if (ask)
			asks_drop(asks, ask);
	} else if (request->tag.len > 0) {
		envelope_send(session, json_answer_ack(&session->room->text,
		                                       request->tag, code));
	}
}

static void answer_reply_topic(struct session *session, uint8_t code)
{
	struct envelope *envelope = session->envelope;
	struct ask *ask;

	if (code < MQTT_REASON_FAILURE)
		return;
	envelope->has_reply_topic = false;
	while ((ask = envelope->asks.first)) {
		refuse(session, ask->id, code,
		       "The broker lets the gateway receive no responses.",
		       false);
		asks_drop(&envelope->asks, ask);
	}
}

void envelope_answer(struct session *session, const struct request *request,
                     const uint8_t *codes, size_t count)
{
	if (request->kind == REQUEST_PUBLISH)
		answer_publish(session, request, codes[0]);
	else if (request->number == session->envelope->reply_number)
		answer_reply_topic(session, codes[0]);
	else
		answer_filters(session, request, codes, count);
}
