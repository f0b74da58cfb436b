/* SPDX-License-Identifier: Apache-2.0 */
#include "config/config.h"
#include "session/audit.h"
#include "session/session.h"
#include "session/steering.h"

static bool send_run(struct session *session, struct slice *run)
{
	struct slice bytes = *run;

	*run = (struct slice){ bytes.data + bytes.len, 0 };
	return relay_send_up(session, bytes);
}

/*
 * Adds `out` to the `run` of good bytes, up to `next`. A head that the
 * scanner had kept in pieces is apart, and dies with its next step.
 */
static bool extend(struct session *session, struct slice *run, struct slice out,
                   const uint8_t *next)
{
	if (out.data + out.len != next) {
		if (!send_run(session, run))
			return false;
		*run = (struct slice){ next, 0 };
		return relay_send_up(session, out);
	}
	if (out.data != run->data + run->len) {
		if (!send_run(session, run))
			return false;
		*run = (struct slice){ out.data, 0 };
	}
	run->len += out.len;
	return true;
}

/* Our own packets go in before the next one. */
static bool enter(struct session *session, struct slice *run)
{
	struct flow *up = &session->relay.up;

	if (!flow_owes(up))
		return true;

	struct slice owed = backlog_peek(&up->owed);

	if (!send_run(session, run) || !relay_send_up(session, owed))
		return false;
	backlog_drop(&up->owed, owed.len);
	return true;
}

static bool end_with(struct session *session, struct slice *run,
                     enum close_reason reason)
{
	if (send_run(session, run)) {
		relay_settle(session);
		session_end_relay(session, reason);
	}
	return false;
}

static bool carry_out(struct session *session, const struct verdict *verdict,
                      struct slice head, struct slice *run, const uint8_t *next)
{
	switch (verdict->ruling) {
	case VERDICT_PASS:
		return extend(session, run, head, next);
	case VERDICT_REPLACE:
		return send_run(session, run) &&
		       relay_send_up(session, verdict->packet);
	case VERDICT_DROP:
		return true;
	case VERDICT_CLOSE:
		break;
	}
	session->relay.code5 = verdict->code5;
	return end_with(session, run, verdict->reason);
}

/* After this one, perhaps, no more for a while. */
static void meter(struct session *session, enum mqtt_type type,
                  const struct verdict *verdict)
{
	limits_count_packet(&session->limits, type,
	                    uv_now(session->room->loop));
	if (type == MQTT_PUBLISH)
		audit_publish(session, verdict);
	steering_hold(session);
}

/* Whoever has a client of ours wants to know what became of it. */
static void tell(struct session *session, const struct verdict *verdict)
{
	struct relay *relay = &session->relay;

	if (verdict->ruling == VERDICT_DROP)
		chatter_refused(&relay->chatter, verdict->publish.packet_id);
	if (verdict->ruling != VERDICT_CLOSE && session->kind->on_published)
		session->kind->on_published(session, &verdict->publish,
		                            relay->up.scanner.body_left,
		                            relay->up.is_dropping);
}

static bool pass_head(struct session *session, struct verdict *verdict,
                      struct slice head, struct slice *run, const uint8_t *next)
{
	struct relay *relay = &session->relay;
	enum mqtt_type type = mqtt_type_of(head.data[0]);

	if (!enter(session, run))
		return false;
	if (relay->near.stream &&
	    chatter_is(&relay->chatter, head, relay->judge.entry.level)) {
		relay->up.is_dropping = true;
		return true;
	}
	shared_count(session->room->row, SHARED_PACKETS_FROM_BROWSER, 1);
	judge_from_browser(&relay->judge, head, verdict);
	relay->up.is_dropping = verdict->ruling == VERDICT_DROP;
	if (session->is_metered)
		meter(session, type, verdict);
	if (type == MQTT_PUBLISH)
		tell(session, verdict);
	if (relay->state != RELAY_OPEN)
		return false;
	if (!carry_out(session, verdict, head, run, next))
		return false;
	relay->has_disconnect = type == MQTT_DISCONNECT;
	if (flow_answer(&relay->up, &relay->down, verdict->answer))
		return true;
	return end_with(session, run, CLOSE_INTERNAL);
}

static bool pass_body(struct session *session, struct slice body,
                      struct slice *run, const uint8_t *next)
{
	struct relay *relay = &session->relay;

	if (!relay->up.is_dropping)
		return extend(session, run, body, next);
	if (flow_answer_late(&relay->up, &relay->down))
		return true;
	return end_with(session, run, CLOSE_INTERNAL);
}

/* What is not to be passed on now is kept until relay_go_on. */
static bool keep(struct session *session, struct slice rest)
{
	if (session->relay.has_disconnect || relay_hold(session, rest))
		return true;
	session_end_relay(session, CLOSE_INTERNAL);
	return false;
}

void relay_pass_up(struct session *session, struct slice in)
{
	struct relay *relay = &session->relay;
	struct slice run = { in.data, 0 };
	struct verdict verdict;
	bool is_good = true;
	struct slice out;
	enum mqtt_scan seen;

	verdict_init(&verdict);
	/* Nothing may follow a DISCONNECT [MQTT-3.14.4-2]. */
	while (is_good && !relay->has_disconnect && !relay->is_held &&
	       (seen = mqtt_scan(&relay->up.scanner, &in, &out)) !=
	           MQTT_SCAN_MORE) {
		if (seen == MQTT_SCAN_HEAD)
			is_good =
			    pass_head(session, &verdict, out, &run, in.data);
		else if (seen == MQTT_SCAN_BODY)
			is_good = pass_body(session, out, &run, in.data);
		else
			is_good = end_with(session, &run, relay_fault(seen));
	}
	verdict_clear(&verdict);
	if (is_good && send_run(session, &run) && keep(session, in))
		steering_settle(session);
}
