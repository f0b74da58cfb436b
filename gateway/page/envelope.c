/* SPDX-License-Identifier: Apache-2.0 */
#include "page/envelope.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "config/config.h"
#include "page/page.h"
#include "page/room.h"
#include "policy/policy.h"
#include "session/session.h"

#define REPLY_PREFIX "postern/response/"
#define REPLY_OCTETS 16

static const struct slice no_topic = { NULL, 0 };

_Static_assert(offsetof(struct envelope, page) == 0, "a page is all of it");

struct envelope *envelope_of(const struct session *session)
{
	return (struct envelope *)session->page;
}

void envelope_send(struct session *session, bool is_written)
{
	struct json_text *text = &session->room->pages->text;

	if (is_written)
		page_send(session, text->data + JSON_HEADROOM, text->len, true,
		          false, no_topic);
	else
		session_close(session, CLOSE_INTERNAL);
}

void envelope_refuse(struct session *session, struct slice id,
                     const struct json_error *error)
{
	envelope_send(session, json_answer_refusal(&session->room->pages->text,
	                                           id, error));
}

void envelope_refuse_code(struct session *session, struct slice id,
                          uint8_t code, const char *message, bool is_temporary)
{
	struct json_error error = json_error_of(code, message);

	error.is_temporary = is_temporary;
	envelope_refuse(session, id, &error);
}

const char *envelope_advice(uint8_t code)
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

/* From the page. */

static void read_frame(struct session *session, struct slice frame)
{
	struct json_request request;

	switch (json_request_read(frame, &request)) {
	case JSON_READ_FINE:
		envelope_carry_out(session, &request);
		break;
	case JSON_READ_REFUSED:
		envelope_refuse(session, request.id, &request.error);
		break;
	case JSON_READ_MALFORMED:
		session_close(session, CLOSE_MALFORMED);
		break;
	case JSON_READ_BAD_UTF8:
		session_close(session, CLOSE_BAD_UTF8);
		break;
	case JSON_READ_MEMORY:
		session_close(session, CLOSE_INTERNAL);
		break;
	}
	json_request_finish(&request);
}

static void on_data(struct session *session, const struct ws_piece *piece)
{
	struct slice frame;

	if (!piece->is_text) {
		session_close(session, CLOSE_MALFORMED);
		return;
	}
	if (!page_receive(session, piece, &frame))
		return;
	read_frame(session, frame);
	intake_clear(&session->page->intake);
}

static void on_drained(struct session *session)
{
	envelope_tell_losses(session);
	page_send_waiting(session);
	if (session->state != SESSION_CLOSED)
		line_settle(session);
}

/* Its client. */

static void send_connected(struct session *session, bool has_session)
{
	const struct config_route *route = session->route->config;
	const struct entry *entry = &session->relay.judge.entry;
	const char *user = session->browser.user;
	const struct json_connected connected = {
		.session = slice_from_text(session->id),
		.client_id = slice_from_text(entry->client_id),
		.user =
		    user ? slice_from_text(user) : (struct slice){ NULL, 0 },
		.ping_interval_s = route->ping_s,
		.packet_bytes = route->limits.packet_bytes,
		.messages_per_s = route->limits.messages_per_s,
		.subscriptions = route->limits.subscriptions,
		.mqtt_version = entry->level,
		.has_session = has_session,
	};

	envelope_send(session, json_answer_connected(
	                           &session->room->pages->text, &connected));
}

static void send_status(struct session *session, enum json_upstream upstream)
{
	const struct line *line = &session->page->line;

	envelope_send(session,
	              json_answer_status(&session->room->pages->text, upstream,
	                                 line->outbox.count, line->retry_ms));
}

static void on_up(struct session *session, bool has_session)
{
	if (!session->page->line.has_been_up) {
		send_connected(session, has_session);
		return;
	}
	send_status(session, JSON_UPSTREAM_UP);
	if (session->state != SESSION_CLOSED && !has_session)
		envelope_subscribe_again(session);
}

static void on_down(struct session *session)
{
	send_status(session, session->page->line.was_up
	                         ? JSON_UPSTREAM_RECONNECTING
	                         : JSON_UPSTREAM_DOWN);
}

static const struct line_events line_events = {
	.on_up = on_up,
	.on_down = on_down,
	.on_answer = envelope_answer,
	.on_message = envelope_deliver,
	.on_settled = page_steer,
};

/* From the first to the last. */

static bool name_reply_topic(struct envelope *envelope)
{
	char *at = stpcpy(envelope->reply_topic, REPLY_PREFIX);

	return random_hex(at, REPLY_OCTETS);
}

static bool begin(struct session *session)
{
	struct envelope *envelope = calloc(1, sizeof *envelope);

	if (!envelope)
		return false;
	page_init(session, &envelope->page);
	return name_reply_topic(envelope) &&
	       line_open(session, &line_events,
	                 slice_from_text(envelope->reply_topic));
}

static void on_due(struct session *session, enum alarm_cause cause)
{
	if (cause == ALARM_KIND)
		envelope_look(session);
	else
		line_due(session, cause);
}

static void finish(struct session *session)
{
	struct envelope *envelope = envelope_of(session);

	if (!envelope)
		return;
	page_finish(&envelope->page);
	interests_finish(&envelope->interests);
	asks_finish(&envelope->asks);
	losses_finish(&envelope->rate_losses);
	free(envelope);
}

const struct session_kind kind_json = {
	.open = begin,
	.on_data = on_data,
	.on_drained = on_drained,
	.on_gone = line_end,
	.on_relay_open = line_relay_opened,
	.on_relay_end = line_relay_ended,
	.on_published = line_published,
	.end = line_end,
	.on_due = on_due,
	.close = page_close,
	.waiting = page_waiting,
	.finish = finish,
};
