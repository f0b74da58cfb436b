/* SPDX-License-Identifier: Apache-2.0 */
#include "page/line.h"

#include <stdlib.h>

#include "config/config.h"
#include "page/page.h"
#include "policy/policy.h"
#include "session/journal.h"
#include "session/session.h"

#define ENDING_MS 5000
#define HEAD_BYTES 16 /* of a PUBLISH, beside topic and properties */
#define CONNACK3_VERSION 0x01
#define CONNACK5_VERSION 0x84
#define CONNACK5_BANNED 0x8A
#define CONNACK5_METHOD 0x8C
#define VERSION_ADVICE                                                         \
	"the broker knows no MQTT of this version: write another "             \
	"mqtt_version on the route"

/* [MQTT5 2.4] */
#define NOT_AUTHORIZED 0x87
#define PACKET_TOO_LARGE 0x95
#define RETAIN_NOT_SUPPORTED 0x9A
#define QOS_NOT_SUPPORTED 0x9B

/* Requests. */

/* A PUBLISH that was answered is no reason for the next loss. */
static void finish(struct session *session, struct request *request,
                   const uint8_t *codes, size_t count)
{
	struct line *line = &session->page->line;

	if (request->kind == REQUEST_PUBLISH && request->message.qos > 0)
		line->failures = 0;
	line->events->on_answer(session, request, codes, count);
	if (session->state != SESSION_CLOSED)
		outbox_drop(&line->outbox, request);
}

void line_answer(struct session *session, struct request *request,
                 const uint8_t *codes, size_t count)
{
	finish(session, request, codes, count);
	if (session->state != SESSION_CLOSED)
		line_settle(session);
}

/*
 * What the broker has said that it does not take [MQTT5 3.2.2.3]: it would
 * end the connection for it, again and again. 0: it may go.
 */
static uint8_t refusal_of(const struct session *session,
                          const struct request *request)
{
	const struct relay_terms *terms = &session->relay.terms;
	const struct message *message = &request->message;

	if (request->kind != REQUEST_PUBLISH)
		return 0;
	if (terms->packet_bytes > 0 && HEAD_BYTES + message->topic.len +
	                                       message->properties.len +
	                                       message->payload.len >
	                                   terms->packet_bytes)
		return PACKET_TOO_LARGE;
	if (message->qos > terms->qos)
		return QOS_NOT_SUPPORTED;
	return message->is_retained && terms->has_no_retain
	           ? RETAIN_NOT_SUPPORTED
	           : 0;
}

static bool send_request(struct line *line, const struct request *request)
{
	switch (request->kind) {
	case REQUEST_PUBLISH:
		return client_publish(line->client, request->number,
		                      &request->message);
	case REQUEST_SUBSCRIBE:
		return client_subscribe(line->client, request->number,
		                        request->filters,
		                        request->filter_count);
	case REQUEST_UNSUBSCRIBE:
		break;
	}
	return client_unsubscribe(line->client, request->number,
	                          request->filters, request->filter_count);
}

/* False: no memory. */
static bool send_some(struct session *session)
{
	struct line *line = &session->page->line;
	struct request *request;

	while (session->state != SESSION_CLOSED && line->is_up &&
	       line->outbox.under_way < line->window &&
	       (request = outbox_next(&line->outbox))) {
		uint8_t code = refusal_of(session, request);

		if (code != 0) {
			finish(session, request, &code, 1);
			continue;
		}
		if (!send_request(line, request))
			return false;
		outbox_mark_sent(&line->outbox, request);
	}
	return true;
}

void line_settle(struct session *session)
{
	struct line *line = &session->page->line;

	if (!send_some(session)) {
		session_close(session, CLOSE_INTERNAL);
		return;
	}
	if (session->state == SESSION_CLOSED)
		return;
	/* Not before what was answered just now is on its way. */
	if (line->ending != CLOSE_NONE && line->outbox.count == 0)
		alarm_set(&session->alarm, ALARM_ENDING, 0);
	line->events->on_settled(session);
}

bool line_is_away(const struct session *session)
{
	return !session->page->line.is_up && session->page->line.failures > 0;
}

bool line_is_behind(const struct session *session)
{
	return session->page->line.outbox.bytes >
	       session->route->config->limits.queue_bytes / 2;
}

bool line_is_full(const struct session *session, size_t size)
{
	const struct outbox *outbox = &session->page->line.outbox;
	size_t most = session->route->config->limits.queue_bytes;

	return outbox->count > 0 &&
	       (size > most || outbox->bytes > most - size);
}

static struct request *find_published(struct session *session,
                                      const struct mqtt_publish *publish,
                                      size_t payload, bool is_refused)
{
	struct outbox *outbox = &session->page->line.outbox;

	if (publish->qos == 0)
		return outbox_passed(outbox, publish->topic, payload);
	if (is_refused)
		return outbox_find_sent(outbox, publish->qos, publish->topic,
		                        payload);
	outbox_mark_passed(outbox, publish->qos, publish->topic, payload);
	return NULL;
}

void line_published(struct session *session, const struct mqtt_publish *publish,
                    size_t payload, bool is_refused)
{
	uint8_t code = is_refused ? NOT_AUTHORIZED : 0;
	struct request *request =
	    find_published(session, publish, payload, is_refused);

	if (request)
		line_answer(session, request, &code, 1);
}

/* From the first to the last. */

void line_finish(struct line *line)
{
	client_close(line->client);
	outbox_finish(&line->outbox);
}

void line_due(struct session *session, enum alarm_cause cause)
{
	if (cause == ALARM_ENDING) {
		session_close(session, session->page->line.ending);
		return;
	}
	session->page->line.is_waiting = false;
	if (!client_connect(session->page->line.client))
		session_close(session, CLOSE_INTERNAL);
}

void line_relay_opened(struct session *session)
{
	if (session->state == SESSION_OPENING)
		session_opened(session);
	else
		journal_reconnected(session);
	stream_hasten(session->relay.stream);
	relay_begin(session);
}

/* Whether trying again would come to the same. */
static bool is_final(enum close_reason reason)
{
	switch ((int)reason) {
	case CLOSE_UPSTREAM_UNREACHABLE:
	case CLOSE_UPSTREAM_CLOSED:
	case CLOSE_UPSTREAM_GARBAGE:
	case CLOSE_BROWSER_CLOSED: /* our client has said DISCONNECT */
	case CLOSE_BROWSER_VANISHED:
	case CLOSE_CONNECT_TIMEOUT:
		return false;
	default:
		return true;
	}
}

/* A broker that knows no such MQTT [MQTT3 3.2.2.3, MQTT5 3.2.2.2]. */
static bool is_of_version(uint8_t code)
{
	return code == CONNACK3_VERSION || code == CONNACK5_VERSION;
}

void line_relay_ended(struct session *session, enum close_reason reason)
{
	uint8_t code = session->relay.connack_code;

	session->page->line.is_up = false;
	if (code != 0)
		journal_refused(session, code,
		                is_of_version(code) ? VERSION_ADVICE : "-");
	if (is_of_version(code))
		reason = CLOSE_UPSTREAM_REFUSED;
	else if (code == CONNACK5_BANNED || code == CONNACK5_METHOD)
		reason = session->route->upstream->inject
		             ? CLOSE_UPSTREAM_REFUSED
		             : CLOSE_NOT_AUTHORISED;
	if (is_final(reason)) {
		session_close(session, reason);
		return;
	}
	roster_leave(session, reason);
	relay_close(session);
}

/* Nobody is there to be held back any more. */
static void hurry(struct session *session)
{
	session->is_metered = false;
	session->limits.is_any = false;
	session->relay.is_held = false;
	if (session->relay.state == RELAY_OPEN)
		relay_go_on(session);
}

void line_end(struct session *session, enum close_reason reason)
{
	struct line *line = &session->page->line;

	if (line->ending != CLOSE_NONE)
		return;
	line->ending = reason;
	if (!session->ws)
		hurry(session);
	if (line->outbox.count == 0 || line_is_away(session) ||
	    (!line->is_up && line->has_been_up))
		session_close(session, reason);
	else
		alarm_set(&session->alarm, ALARM_ENDING, ENDING_MS);
}

void line_close(struct session *session)
{
	if (session->has_said_farewell)
		relay_disconnect(session);
	relay_close(session);
	client_close(session->page->line.client);
	session->page->line.client = NULL;
}
