/* SPDX-License-Identifier: Apache-2.0 */
#include "doctor/step.h"

#include <stdlib.h>

#include "doctor/clock.h"
#include "doctor/doctor.h"
#include "doctor/exchange.h"
#include "doctor/quote.h"
#include "doctor/step_session.h"
#include "doctor/trips.h"
#include "doctor/visit.h"

static void tell_not_connected(struct visit *visit,
                               const struct exchange *exchange,
                               enum talk_end end)
{
	if (end != TALK_LATE || !exchange->upstream.text[0]) {
		visit_tell_end(visit, end, STEP_CONNECT, "not connected");
		return;
	}
	report_wrong(&visit->report, STEP_CONNECT,
	             "not connected within %u s: the gateway does not reach "
	             "the broker, and says that its upstream is %s",
	             visit->order->timeout_s, exchange->upstream.text);
	report_mend(
	    "%s", advice_write(advice_connack(0x88)->mend, &visit->names).text);
}

static bool connect_page(struct visit *visit, struct exchange *exchange)
{
	uint64_t start = clock_us();
	enum talk_end end = exchange_connect(exchange);

	if (visit->order->user)
		report_note(STEP_CONNECT,
		            "--user is not used: on a json route the gateway "
		            "logs in");
	if (end == TALK_FINE)
		report_ok(STEP_CONNECT,
		          "the broker lets client id %s in (%.1f ms)",
		          exchange->client_id.text, clock_ms_since(start));
	else
		tell_not_connected(visit, exchange, end);
	return end == TALK_FINE;
}

/* False: the session is at its end. */
static bool subscribe(struct visit *visit, struct exchange *exchange)
{
	enum talk_end end = exchange_subscribe(exchange, visit->order->topic);

	if (end != TALK_FINE)
		visit_tell_end(visit, end, STEP_SUBSCRIBE, "no ack");
	else if (!exchange->ack.is_success)
		step_tell_no_subscribe(visit, exchange->ack.error);
	else
		report_ok(STEP_SUBSCRIBE, "to %s (%.1f ms)",
		          quote_text(visit->order->topic).text,
		          exchange->ack.ms);
	return end == TALK_FINE || end == TALK_LATE;
}

/* Whether a further one makes sense. */
static bool publish_one(struct visit *visit, struct exchange *exchange,
                        bool is_first, enum talk_end *end)
{
	*end = exchange_publish(exchange, visit->order->topic);
	if (*end != TALK_FINE) {
		visit_tell_end(visit, *end, STEP_PUBLISH, "no ack");
		return false;
	}
	if (!exchange->ack.is_success) {
		step_tell_no_publish(visit, exchange->ack.error);
		return false;
	}
	if (is_first)
		report_ok(STEP_PUBLISH, "to %s, acknowledged (%.1f ms)",
		          quote_text(visit->order->topic).text,
		          exchange->ack.ms);
	return true;
}

/* False: the session is at its end. */
static bool publish(struct visit *visit, struct exchange *exchange,
                    bool is_subscribed)
{
	struct trips trips = { .count = 0 };
	enum talk_end end = TALK_FINE;

	for (unsigned i = 0; i < TRIPS; i++) {
		if (!publish_one(visit, exchange, i == 0, &end) ||
		    !is_subscribed)
			break;
		end = exchange_await_message(exchange);
		if (end == TALK_LATE)
			step_tell_lost(visit);
		else if (end != TALK_FINE)
			visit_tell_end(visit, end, STEP_TRIP,
			               "the message did not come back");
		if (end != TALK_FINE)
			break;
		trips_add(&trips, exchange->message.ms);
	}
	step_tell_trips(&trips);
	return end == TALK_FINE || end == TALK_LATE;
}

static void say_all(struct visit *visit, struct exchange *exchange)
{
	bool is_subscribed;

	if (!connect_page(visit, exchange) || !subscribe(visit, exchange))
		return;
	is_subscribed = exchange->ack.is_there && exchange->ack.is_success;
	if (publish(visit, exchange, is_subscribed))
		step_goodbye(visit);
}

void step_json(struct visit *visit)
{
	struct exchange *exchange = malloc(sizeof *exchange);

	if (!exchange)
		return;
	exchange_init(exchange, &visit->talk, visit->order->timeout_s);
	say_all(visit, exchange);
	free(exchange);
}
