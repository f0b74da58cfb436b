/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <time.h>

#include "mqtt/utf8.h"
#include "page/envelope.h"
#include "page/page.h"
#include "page/properties.h"
#include "page/room.h"
#include "session/journal.h"
#include "session/session.h"

static uint64_t wall_clock_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void send_message(struct session *session, const struct message *message,
                         enum json_form form)
{
	struct json_text *text = &session->room->pages->text;
	struct json_message frame = {
		.topic = message->topic,
		.payload = message->payload,
		.form = form,
		.qos = message->qos,
		.is_retained = message->is_retained,
		.seq = ++envelope_of(session)->seq,
		.ts_ms = wall_clock_ms(),
	};
	bool is_written =
	    properties_read(message->properties, &frame.properties) &&
	    json_answer_message(text, &frame);

	properties_finish(&frame.properties);
	/* A browser would end the connection for it [RFC 6455 8.1]. */
	if (is_written && !mqtt_utf8_is_well_formed(json_text_written(text)))
		journal_dropped(session, message->topic, 1, 0);
	else if (is_written)
		page_send(session, text->data + JSON_HEADROOM, text->len, true,
		          message->qos == 0, message->topic);
	else
		session_close(session, CLOSE_INTERNAL);
}

/* Responses. */

static void deliver_response(struct session *session,
                             const struct message *message)
{
	struct asks *asks = &envelope_of(session)->asks;
	struct json_properties properties;
	struct ask *ask = NULL;

	if (properties_read(message->properties, &properties))
		ask = asks_find_correlation(asks, properties.correlation_data);
	properties_finish(&properties);
	if (!ask) /* it came too late */
		return;
	envelope_send(session,
	              json_answer_response(&session->room->pages->text, ask->id,
	                                   message->payload, JSON_FORM_AUTO));
	asks_drop(asks, ask);
}

/* What nobody waits for any more need not be asked, if it has not been yet. */
static void take_back(struct session *session, uint64_t number)
{
	struct outbox *outbox = &session->page->line.outbox;
	struct request *request = outbox_find(outbox, number);

	if (request && request->state == REQUEST_WAITING)
		outbox_drop(outbox, request);
}

static void give_up_asks(struct session *session, uint64_t now)
{
	const struct json_error error = json_error_timeout();
	struct asks *asks = &envelope_of(session)->asks;
	struct ask *ask;

	while ((ask = asks_find_due(asks, now))) {
		envelope_refuse(session, ask->id, &error);
		take_back(session, ask->number);
		asks_drop(asks, ask);
	}
}

/* Messages that come too often. */

static void tell(struct session *session, struct losses *losses,
                 enum json_drop reason)
{
	struct loss *loss;

	while (session->ws && (loss = losses_take(losses))) {
		envelope_send(
		    session, json_answer_dropped(
		                 &session->room->pages->text,
		                 (struct slice){ loss->topic, loss->topic_len },
		                 loss->count, reason));
		free(loss);
	}
}

void envelope_tell_losses(struct session *session)
{
	tell(session, &session->page->inbox.losses, JSON_DROP_SLOW_CONSUMER);
}

static void hold(struct session *session, struct interest *interest,
                 const struct message *message)
{
	struct envelope *envelope = envelope_of(session);
	size_t most = session->page->inbox.most;

	if (interest_hold(interest, message, most, &envelope->rate_losses) &&
	    interests_trim(&envelope->interests, interest, most,
	                   &envelope->rate_losses))
		envelope_look(session);
	else
		session_close(session, CLOSE_INTERNAL);
}

static void send_held(struct session *session, struct interest *interest)
{
	struct interest_message *held = interest_take(interest);

	tell(session, &envelope_of(session)->rate_losses, JSON_DROP_RATE);
	send_message(session, &held->message, interest->form);
	free(held);
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
	if (a == 0 || b == 0)
		return a + b;
	return a < b ? a : b;
}

static void set_next(struct session *session, uint64_t now)
{
	const struct envelope *envelope = envelope_of(session);
	uint64_t messages =
	    session->ws ? interests_due_ms(&envelope->interests) : 0;
	uint64_t due = earlier(messages, asks_due_ms(&envelope->asks));

	if (due > 0)
		alarm_set(&session->alarm, ALARM_KIND,
		          due > now ? due - now : 0);
	else
		alarm_cancel(&session->alarm, ALARM_KIND);
}

void envelope_look(struct session *session)
{
	uint64_t now = uv_now(session->room->loop);

	for (struct interest *i = envelope_of(session)->interests.first; i;
	     i = i->next) {
		if (i->held && session->ws && interest_is_due(i, now))
			send_held(session, i);
	}
	give_up_asks(session, now);
	if (session->state != SESSION_CLOSED)
		set_next(session, now);
}

void envelope_deliver(struct session *session, const struct message *message)
{
	struct envelope *envelope = envelope_of(session);
	uint64_t now = uv_now(session->room->loop);
	struct interest *interest;

	if (slice_is(message->topic, envelope->reply_topic)) {
		deliver_response(session, message);
		return;
	}
	interest = interests_match(&envelope->interests, message->topic);
	if (interest && interest->interval_ms > 0 &&
	    (interest->held || !interest_is_due(interest, now)))
		hold(session, interest, message);
	else
		send_message(session, message,
		             interest ? interest->form : JSON_FORM_AUTO);
}
