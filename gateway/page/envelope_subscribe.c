/* SPDX-License-Identifier: Apache-2.0 */
#include "config/config.h"
#include "mqtt/ack.h"
#include "page/envelope.h"
#include "page/page.h"
#include "page/room.h"
#include "policy/policy.h"
#include "session/session.h"

static const struct slice no_tag = { NULL, 0 };

static struct request *put_filters(struct session *session,
                                   enum request_kind kind, struct slice tag,
                                   const struct json_topic *topics,
                                   size_t count)
{
	struct client_filter filters[JSON_TOPICS_MAX];

	for (size_t i = 0; i < count; i++)
		filters[i] =
		    (struct client_filter){ topics[i].topic, topics[i].qos };
	return outbox_put_filters(&session->page->line.outbox, kind, tag,
	                          filters, count);
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

		if (!interests_put(&envelope_of(session)->interests,
		                   topic->topic, topic->qos, topic->as,
		                   topic->interval_ms))
			return false;
	}
	return true;
}

void envelope_subscribe(struct session *session,
                        const struct json_request *request)
{
	struct interests *interests = &envelope_of(session)->interests;
	uint32_t most = session->route->config->limits.subscriptions;

	if (most > 0 &&
	    interests->count + count_new(interests, request) > most) {
		envelope_refuse_code(
		    session, request->id, JSON_CODE_QUOTA,
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

void envelope_unsubscribe(struct session *session,
                          const struct json_request *request)
{
	for (size_t i = 0; i < request->topic_count; i++)
		interests_drop(&envelope_of(session)->interests,
		               request->topics[i].topic);
	if (!put_filters(session, REQUEST_UNSUBSCRIBE, request->id,
	                 request->topics, request->topic_count))
		session_close(session, CLOSE_INTERNAL);
	else
		line_settle(session);
}

bool envelope_subscribe_to_replies(struct session *session)
{
	struct envelope *envelope = envelope_of(session);
	const struct json_topic topic = {
		.topic = slice_from_text(envelope->reply_topic),
		.qos = 1,
	};
	struct request *request;

	request = put_filters(session, REQUEST_SUBSCRIBE, no_tag, &topic, 1);
	if (!request)
		return false;
	outbox_hurry(&session->page->line.outbox, request);
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
	struct envelope *envelope = envelope_of(session);
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
			outbox_hurry(&session->page->line.outbox, request);
		is_good = request != NULL;
	}
	if (is_good && envelope->has_reply_topic)
		is_good = envelope_subscribe_to_replies(session);
	if (!is_good)
		session_close(session, CLOSE_INTERNAL);
}

/* The broker's answers. */

static void grant(struct session *session, const struct request *request,
                  struct slice filter)
{
	struct interest *interest =
	    interests_find(&envelope_of(session)->interests, filter);

	if (interest && request->kind == REQUEST_SUBSCRIBE)
		interest->is_granted = true;
}

void envelope_answer_filters(struct session *session,
                             const struct request *request,
                             const uint8_t *codes, size_t count)
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
			interests_drop(&envelope_of(session)->interests,
			               filter);
		if (!error) {
			first =
			    json_error_of(codes[i], envelope_advice(codes[i]));
			error = &first;
		}
	}
	if (request->tag.len > 0)
		envelope_send(session,
		              json_answer_topics(&session->room->pages->text,
		                                 request->tag, outcomes, count,
		                                 error));
	else if (error)
		envelope_refuse(session, no_tag, error);
}

void envelope_answer_reply_topic(struct session *session, uint8_t code)
{
	struct envelope *envelope = envelope_of(session);
	struct ask *ask;

	if (code < MQTT_REASON_FAILURE)
		return;
	envelope->has_reply_topic = false;
	while ((ask = envelope->asks.first)) {
		envelope_refuse_code(
		    session, ask->id, code,
		    "The broker lets the gateway receive no responses.", false);
		asks_drop(&envelope->asks, ask);
	}
}
