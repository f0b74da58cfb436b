/* SPDX-License-Identifier: Apache-2.0 */
#include "base/latency.h"
#include "config/config.h"
#include "front/quota.h"
#include "session/dispute.h"
#include "session/session.h"
#include "session/steering.h"

#define NS_PER_US 1000
#define NS_PER_MS UINT64_C(1000000)

/* When the dial begins: not before the session's turn. */
static uint64_t begin_ns(const struct session *session, uint64_t turn_ms)
{
	uint64_t now_ms = uv_now(session->room->loop);
	uint64_t wait_ms = turn_ms > now_ms ? turn_ms - now_ms : 0;

	return uv_hrtime() + wait_ms * NS_PER_MS;
}

static void count_connect(const struct session *session)
{
	struct shared_row *row = session->room->row;
	uint64_t now_ns = uv_hrtime();
	uint64_t dialed_ns = session->relay.dialed_ns;
	uint64_t us = now_ns > dialed_ns ? (now_ns - dialed_ns) / NS_PER_US : 0;
	int bucket = SHARED_CONNECT_BUCKETS + (int)latency_bucket(us);

	shared_count(row, SHARED_UPSTREAM_CONNECTS, 1);
	shared_count(row, SHARED_CONNECT_US, us);
	shared_count(row, (enum shared_counter)bucket, 1);
}

static void on_open(void *owner)
{
	struct session *session = owner;

	session->relay.state = RELAY_OPEN;
	session->relay.opened_ms = uv_now(session->room->loop);
	count_connect(session);
	roster_enter(session);
	session->kind->on_relay_open(session);
}

static void on_failed(void *owner, bool was_tried)
{
	struct session *session = owner;

	shared_count(session->room->row,
	             was_tried ? SHARED_UPSTREAM_FAILURES
	                       : SHARED_UPSTREAM_HELD_BACK,
	             1);
	session_end_relay(session, CLOSE_UPSTREAM_UNREACHABLE);
}

static void on_data(void *owner, uint8_t *data, size_t len)
{
	struct session *session = owner;

	session->bytes_down += len;
	shared_count(session->room->row, SHARED_BYTES_FROM_BROKER, len);
	relay_from_broker(session, data, len);
}

static void on_full(void *owner)
{
	steering_broker_full(owner);
}

static void on_drained(void *owner)
{
	steering_settle(owner);
}

static void on_closed(void *owner)
{
	struct session *session = owner;
	enum close_reason reason = relay_end_reason(session);

	if (reason == CLOSE_UPSTREAM_CLOSED &&
	    stream_is_refused(session->relay.stream))
		reason = CLOSE_UPSTREAM_UNREACHABLE;
	if (reason == CLOSE_UPSTREAM_CLOSED)
		dispute_suspect(session);
	session_end_relay(session, reason);
}

static const struct stream_events events = {
	.on_open = on_open,
	.on_failed = on_failed,
	.on_data = on_data,
	.on_full = on_full,
	.on_drained = on_drained,
	.on_closed = on_closed,
};

/* The broker is told who it is only where it asks for that. */
static struct stream *open_stream(struct session *session,
                                  struct upstream *upstream, uint64_t turn_ms)
{
	struct stream_guest guest = { .turn_ms = turn_ms };
	struct sockaddr_storage client;
	struct sockaddr_storage local;

	if (upstream->config->proxy_protocol != CONFIG_PROXY_NONE &&
	    session->ws) {
		client = ws_browser_address(&session->browser);
		local = ws_local_address(session->ws);
		guest.client = &client;
		guest.local = &local;
	}
	return stream_open(&session->room->streams, upstream, &guest, &events,
	                   session);
}

bool relay_dial(struct session *session)
{
	struct session_room *room = session->room;
	const struct config_upstream *config = session->route->upstream;
	struct upstream *upstream =
	    room->upstreams[config - room->config->upstreams];
	struct relay *relay = &session->relay;
	uint64_t turn_ms = session->ws ? quota_use_turn(session->ws) : 0;

	alarm_cancel(&session->alarm, ALARM_DEADLINE);
	relay->state = RELAY_DIALING;
	relay->dialed_ns = begin_ns(session, turn_ms);
	relay->stream = open_stream(session, upstream, turn_ms);
	return relay->stream != NULL;
}

void relay_close(struct session *session)
{
	struct relay *relay = &session->relay;

	if (relay->state == RELAY_CLOSED)
		return;
	relay->state = RELAY_CLOSED;
	roster_leave(session, relay_end_reason(session));
	session->room->waiting -= backlog_peek(&relay->held).len;
	stream_close(relay->stream);
	stream_close(relay->near.stream);
	relay->stream = NULL;
	relay->near = (struct near){ 0 };
	alarm_cancel(&session->alarm, ALARM_DEADLINE);
	alarm_cancel(&session->alarm, ALARM_HELD);
}

void relay_choke(struct session *session, bool is_choked)
{
	session->relay.is_choked = is_choked;
	steering_settle(session);
}
