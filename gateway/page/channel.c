/* SPDX-License-Identifier: Apache-2.0 */
#include "page/channel.h"

#include <stddef.h>
#include <stdlib.h>

#include "config/config.h"
#include "mqtt/ack.h"
#include "mqtt/utf8.h"
#include "page/page.h"
#include "page/room.h"
#include "policy/policy.h"
#include "session/journal.h"
#include "session/session.h"
#include "json/payload.h"
#include "json/text.h"

#define WAITING_MOST 64 /* messages, while the broker is away */
#define LOSSES_PER_SECOND 1

static const struct slice no_tag = { NULL, 0 };

_Static_assert(offsetof(struct channel, page) == 0, "a page is all of it");

static struct channel *channel_of(const struct session *session)
{
	return (struct channel *)session->page;
}

/* From the browser. */

static bool is_full(const struct session *session, size_t size)
{
	return line_is_away(session) &&
	       (session->page->line.outbox.publishes >= WAITING_MOST ||
	        line_is_full(session, size));
}

static void publish(struct session *session, struct slice payload)
{
	const struct config_route *route = session->route->config;
	struct message message = { .payload = payload };

	if (!route->publish.value || route->read_only) {
		session_close(session, CLOSE_NOT_AUTHORISED);
		return;
	}
	message.topic = slice_from_text(route->publish.value);
	message.qos = (uint8_t)route->qos;
	if (is_full(session, payload.len))
		session_close(session, CLOSE_UPSTREAM_UNREACHABLE);
	else if (!outbox_put_publish(&session->page->line.outbox, no_tag,
	                             &message))
		session_close(session, CLOSE_INTERNAL);
	else
		line_settle(session);
}

static void on_data(struct session *session, const struct ws_piece *piece)
{
	struct slice message;

	if (!page_receive(session, piece, &message))
		return;
	if (piece->is_text && !mqtt_utf8_is_well_formed(message))
		session_close(session, CLOSE_BAD_UTF8);
	else
		publish(session, message);
	intake_clear(&session->page->intake);
}

/* To the browser. */

static void log_losses(struct session *session)
{
	struct channel *channel = channel_of(session);
	struct loss *loss;
	uint64_t suppressed;

	while ((loss = losses_take(&session->page->inbox.losses))) {
		if (log_limit_allows(&channel->loss_limit,
		                     uv_now(session->room->loop),
		                     LOSSES_PER_SECOND, &suppressed))
			journal_dropped(
			    session,
			    (struct slice){ loss->topic, loss->topic_len },
			    loss->count, suppressed);
		free(loss);
	}
}

static void lose(struct session *session, const struct message *message)
{
	if (losses_count(&session->page->inbox.losses, message->topic, 1))
		log_losses(session);
	else
		session_close(session, CLOSE_INTERNAL);
}

/* The worker's text with the payload as it stands; false: no memory. */
static bool write_payload(struct json_text *text, struct slice payload)
{
	json_text_clear(text);
	return json_text_add(text, payload);
}

static bool wraps(const struct config_route *route, struct slice payload,
                  bool is_utf8)
{
	return is_utf8 && route->wrap.value && route->wrap.value[0] != '\0' &&
	       !json_is_value(payload);
}

static void on_message(struct session *session, const struct message *message)
{
	const struct config_route *route = session->route->config;
	struct json_text *text = &session->room->pages->text;
	bool is_utf8 = mqtt_utf8_is_well_formed(message->payload);
	bool is_text = route->frames != CONFIG_FRAMES_BINARY && is_utf8;
	bool is_written;

	if (route->frames == CONFIG_FRAMES_TEXT && !is_utf8) {
		lose(session, message);
		return;
	}
	is_written = wraps(route, message->payload, is_utf8)
	                 ? json_wrap_text(text, message->payload)
	                 : write_payload(text, message->payload);
	if (is_written)
		page_send(session, text->data + JSON_HEADROOM, text->len,
		          is_text, message->qos == 0, message->topic);
	else
		session_close(session, CLOSE_INTERNAL);
}

/* Its client. */

static bool subscribe(struct session *session)
{
	const struct config_route *route = session->route->config;
	struct client_filter *filters;
	size_t count = route->subscribe.count;
	struct request *request;

	if (count == 0)
		return true;
	filters = calloc(count, sizeof filters[0]);
	if (!filters)
		return false;
	for (size_t i = 0; i < count; i++)
		filters[i] = (struct client_filter){
			slice_from_text(route->subscribe.list[i].value),
			(uint8_t)route->qos
		};
	request = outbox_put_filters(&session->page->line.outbox,
	                             REQUEST_SUBSCRIBE, no_tag, filters, count);
	free(filters);
	if (request)
		outbox_hurry(&session->page->line.outbox, request);
	return request != NULL;
}

static void on_up(struct session *session, bool has_session)
{
	/* What was not answered yet waits by itself. */
	if (!channel_of(session)->is_subscribed || has_session)
		return;
	if (!subscribe(session))
		session_close(session, CLOSE_INTERNAL);
}

/* What was taken in the hope of a moment's wait may be too much now. */
static void on_down(struct session *session)
{
	const struct outbox *outbox = &session->page->line.outbox;

	if (outbox->publishes > WAITING_MOST ||
	    outbox->bytes > session->page->inbox.most)
		session_close(session, CLOSE_UPSTREAM_UNREACHABLE);
}

static void on_answer(struct session *session, const struct request *request,
                      const uint8_t *codes, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (codes[i] < MQTT_REASON_FAILURE)
			continue;
		session_close(session, CLOSE_NOT_AUTHORISED);
		return;
	}
	if (request->kind == REQUEST_SUBSCRIBE)
		channel_of(session)->is_subscribed = true;
}

static const struct line_events line_events = {
	.on_up = on_up,
	.on_down = on_down,
	.on_answer = on_answer,
	.on_message = on_message,
	.on_settled = page_steer,
};

/* From the first to the last. */

static bool begin(struct session *session)
{
	struct channel *channel = calloc(1, sizeof *channel);

	if (!channel)
		return false;
	page_init(session, &channel->page);
	return line_open(session, &line_events, (struct slice){ 0 }) &&
	       subscribe(session);
}

static void on_drained(struct session *session)
{
	log_losses(session);
	page_send_waiting(session);
	if (session->state != SESSION_CLOSED)
		line_settle(session);
}

static void finish(struct session *session)
{
	struct channel *channel = channel_of(session);

	if (!channel)
		return;
	page_finish(&channel->page);
	free(channel);
}

const struct session_kind kind_channel = {
	.open = begin,
	.on_data = on_data,
	.on_drained = on_drained,
	.on_gone = line_end,
	.on_relay_open = line_relay_opened,
	.on_relay_end = line_relay_ended,
	.on_published = line_published,
	.end = line_end,
	.on_due = line_due,
	.close = page_close,
	.waiting = page_waiting,
	.finish = finish,
};
