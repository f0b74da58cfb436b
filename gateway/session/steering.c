/* SPDX-License-Identifier: Apache-2.0 */
#include "session/steering.h"

#include "session/audit.h"
#include "session/session.h"

#define PACKET_MS 30000 /* from one step of a packet to the next */
#define LOG_RETRY_MS 10 /* then the log is tried again */

static void hold(struct session *session, uint64_t ms)
{
	if (ms == 0)
		return;
	session->relay.is_held = true;
	alarm_set(&session->alarm, ALARM_HELD, ms);
}

static uint64_t limited_ms(struct session *session)
{
	return limits_wait_ms(&session->limits, uv_now(session->room->loop));
}

void steering_hold(struct session *session)
{
	uint64_t ms = limited_ms(session);

	if (ms == 0 && audit_is_behind(session))
		ms = LOG_RETRY_MS;
	hold(session, ms);
}

void steering_hold_over(struct session *session)
{
	session->relay.is_held = false;
	steering_hold(session);
	if (!session->relay.is_held)
		relay_go_on(session);
}

/*
 * Whether either of the two keeps the other waiting. Of a page, whose near
 * side is a client of ours, page/page.c knows whether the broker does.
 */
static void note_slow(struct session *session)
{
	struct relay *relay = &session->relay;
	const struct near *near = &relay->near;
	struct shared_row *row = session->room->row;

	shared_count_begin(row, SHARED_SLOW_BROKER_PAUSES,
	                   &relay->is_broker_slow,
	                   near->ws && stream_is_full(relay->stream));
	shared_count_begin(
	    row, SHARED_SLOW_READER_PAUSES, &relay->is_reader_slow,
	    relay->is_choked || (near->ws && near_is_full(near)));
}

void steering_broker_full(struct session *session)
{
	note_slow(session);
	near_pause(&session->relay.near);
}

static void steer(struct session *session)
{
	struct relay *relay = &session->relay;

	note_slow(session);
	if (stream_is_full(relay->stream) || relay->is_held ||
	    relay_holds(relay) || flow_owes_much(&relay->down))
		near_pause(&relay->near);
	else
		near_resume(&relay->near);
	if (relay->is_choked || near_is_full(&relay->near) ||
	    flow_owes_much(&relay->up))
		stream_pause(relay->stream);
	else
		stream_resume(relay->stream);
}

void steering_settle(struct session *session)
{
	struct relay *relay = &session->relay;

	if (relay->state != RELAY_OPEN)
		return;
	if (session->limits.is_any && !relay->is_held)
		hold(session, limited_ms(session));
	relay_settle(session);
	if (relay->state == RELAY_OPEN && near_is_there(&relay->near))
		steer(session);
}

void steering_packet_late(struct session *session)
{
	struct relay *relay = &session->relay;
	uint64_t now = uv_now(session->room->loop);

	if (mqtt_scanner_at_border(&relay->up.scanner))
		return;
	/* While we do not read, the delay is ours. */
	if (near_is_paused(&relay->near))
		relay->packet_ms = now;
	if (now - relay->packet_ms >= PACKET_MS)
		session_end_relay(session, CLOSE_MALFORMED);
	else
		alarm_set(&session->alarm, ALARM_DEADLINE,
		          relay->packet_ms + PACKET_MS - now);
}

/* A packet has begun, or has come nearer to its end: not its head alone. */
void steering_watch_packet(struct session *session, size_t piece)
{
	struct relay *relay = &session->relay;
	const struct mqtt_scanner *scanner = &relay->up.scanner;

	if (relay->state != RELAY_OPEN || mqtt_scanner_at_border(scanner))
		return;
	if (scanner->body_left > 0 || mqtt_scanner_held(scanner) <= piece)
		relay->packet_ms = uv_now(session->room->loop);
	if (!alarm_is_set(&session->alarm, ALARM_DEADLINE))
		alarm_set(&session->alarm, ALARM_DEADLINE, PACKET_MS);
}
