/* SPDX-License-Identifier: Apache-2.0 */
#include "page/page.h"

#include <stdlib.h>

#include "config/config.h"
#include "front/ws.h"
#include "page/room.h"
#include "policy/policy.h"
#include "session/session.h"

_Static_assert(INBOX_HEADROOM >= WS_HEADROOM, "ws writes there");

void page_init(struct session *session, struct page *page)
{
	*page = (struct page){
		.inbox.most = session->route->config->limits.queue_bytes,
	};
	session->page = page;
}

void page_finish(struct page *page)
{
	intake_finish(&page->intake);
	inbox_finish(&page->inbox);
	line_finish(&page->line);
}

bool page_receive(struct session *session, const struct ws_piece *piece,
                  struct slice *message)
{
	size_t most = session->route->config->limits.packet_bytes;

	switch (intake_add(&session->page->intake, piece, most, message)) {
	case INTAKE_MORE:
		break;
	case INTAKE_WHOLE:
		return true;
	case INTAKE_TOO_LARGE:
		session_close(session, CLOSE_TOO_LARGE);
		break;
	case INTAKE_MEMORY:
		session_close(session, CLOSE_INTERNAL);
		break;
	}
	return false;
}

static bool write_frame(struct ws *ws, uint8_t *data, size_t len, bool is_text)
{
	return is_text ? ws_send_text(ws, data, len) : ws_send(ws, data, len);
}

/* Of a session that is over nothing waits, whatever is in memory still. */
static struct page_load load_of(const struct session *session)
{
	const struct page *page = session->page;

	if (session->state == SESSION_CLOSED)
		return (struct page_load){ 0 };
	return (struct page_load){
		.bytes = page->inbox.bytes + page->line.outbox.bytes,
		.requests = page->line.outbox.under_way,
	};
}

/* Adds what has changed since the last time to the sums of the worker. */
static void count_load(struct session *session)
{
	struct page_load *sum = &session->room->pages->load;
	struct page_load *before = &session->page->load;
	const struct page_load now = load_of(session);

	sum->bytes = sum->bytes - before->bytes + now.bytes;
	sum->requests = sum->requests - before->requests + now.requests;
	*before = now;
}

/* Behind what waits already; false: no memory. */
static bool put(struct session *session, struct slice frame, bool is_text,
                bool may_drop, struct slice topic)
{
	struct inbox *inbox = &session->page->inbox;
	uint64_t dropped = inbox->dropped;
	bool is_put = inbox_put(inbox, frame, is_text, may_drop, topic);

	shared_count(session->room->row, SHARED_MESSAGES_DROPPED,
	             inbox->dropped - dropped);
	return is_put;
}

void page_send(struct session *session, uint8_t *data, size_t len, bool is_text,
               bool may_drop, struct slice topic)
{
	struct inbox *inbox = &session->page->inbox;

	if (!session->ws)
		return;
	if (!inbox_is_empty(inbox) || ws_is_full(session->ws)) {
		if (!put(session, (struct slice){ data, len }, is_text,
		         may_drop, topic))
			session_close(session, CLOSE_INTERNAL);
		else if (inbox_is_heavy(inbox))
			relay_choke(session, true);
		if (session->state != SESSION_CLOSED)
			page_steer(session);
		return;
	}
	if (!write_frame(session->ws, data, len, is_text))
		session_close(session, CLOSE_BROWSER_VANISHED);
}

/* False: the browser is lost. */
static bool send_first(struct session *session)
{
	struct inbox_frame *frame = inbox_take(&session->page->inbox);
	bool is_sent = write_frame(session->ws, frame->bytes + INBOX_HEADROOM,
	                           frame->len, frame->is_text);

	free(frame);
	return is_sent;
}

void page_send_waiting(struct session *session)
{
	struct inbox *inbox = &session->page->inbox;

	while (session->ws && !inbox_is_empty(inbox) &&
	       !ws_is_full(session->ws)) {
		if (!send_first(session)) {
			session_close(session, CLOSE_BROWSER_VANISHED);
			return;
		}
	}
	if (session->relay.is_choked && !inbox_is_heavy(inbox))
		relay_choke(session, false);
}

/* The broker is there, and does not keep up with the page. */
static bool is_broker_slow(const struct session *session)
{
	return !line_is_away(session) && line_is_behind(session);
}

void page_steer(struct session *session)
{
	bool is_slow = is_broker_slow(session);

	count_load(session);
	if (!session->ws)
		return;
	shared_count_begin(session->room->row, SHARED_SLOW_BROKER_PAUSES,
	                   &session->page->is_broker_slow, is_slow);
	if (is_slow || session->page->line.ending != CLOSE_NONE ||
	    !inbox_is_empty(&session->page->inbox))
		ws_pause(session->ws);
	else
		ws_resume(session->ws);
}

size_t page_waiting(const struct session *session)
{
	const struct page *page = session->page;

	return page->inbox.bytes + page->line.outbox.bytes +
	       backlog_peek(&page->intake.pieces).len;
}

static void tell_browser(struct session *session, enum close_reason reason)
{
	const struct close_answer *answer = close_answer(reason);
	struct inbox *inbox = &session->page->inbox;

	if (reason == CLOSE_SLOW_READER) {
		ws_cut(session->ws, answer->json_frame, answer->word);
		return;
	}
	while (!inbox_is_empty(inbox) && send_first(session))
		;
	ws_close(session->ws, answer->json_frame, answer->word);
}

void page_close(struct session *session, enum close_reason reason)
{
	if (session->ws)
		tell_browser(session, reason);
	line_close(session);
	count_load(session);
}
