/* SPDX-License-Identifier: Apache-2.0 */
#include "doctor/step.h"

#include <stdio.h>

#include "doctor/clock.h"
#include "doctor/dialogue.h"
#include "doctor/doctor.h"
#include "doctor/quote.h"
#include "doctor/step_session.h"
#include "doctor/trips.h"
#include "doctor/visit.h"
#include "mqtt/ack.h"
#include "mqtt/protocol.h"

#define CODE_VERSION 0x84 /* unsupported [MQTT5 3.2.2.2] */
#define BROKER_CLOSED 1012
#define WHAT_BYTES 512

/* What was refused, with the broker's own text where it gave one. */
struct reason_text {
	char text[WHAT_BYTES];
};

static struct reason_text name_code(const struct dialogue *dialogue,
                                    uint8_t code, const char *words)
{
	struct reason_text reason;
	bool has_text = dialogue->reason[0] != '\0';

	snprintf(reason.text, sizeof reason.text, "%s (code %u)%s%s", words,
	         code, has_text ? ", the broker says " : "",
	         has_text ? quote_text(dialogue->reason).text : "");
	return reason;
}

static const char *name_level(uint8_t level)
{
	return level == MQTT_LEVEL_5 ? "MQTT 5" : "MQTT 3.1.1";
}

/* An old broker may just close on what it does not know. */
static bool is_too_new(const struct dialogue *dialogue, enum talk_end end)
{
	const struct talk *talk = dialogue->talk;

	if (dialogue->level != MQTT_LEVEL_5)
		return false;
	if (dialogue->connack.is_there)
		return dialogue->connack.code == 1 ||
		       dialogue->connack.code == CODE_VERSION;
	return end == TALK_CLOSED && talk->close_code == BROKER_CLOSED;
}

static void tell_refused(struct visit *visit, const struct dialogue *dialogue)
{
	uint8_t code = dialogue->connack.code;
	char what[WHAT_BYTES + 32];

	snprintf(what, sizeof what, "%s, CONNACK %s",
	         name_level(dialogue->level),
	         name_code(dialogue, code, "refuses").text);
	visit_advise(visit, STEP_CONNECT, what,
	             advice_connack(advice_code5(dialogue->level, code)));
}

static bool log_in(struct visit *visit, struct dialogue *dialogue)
{
	uint64_t start = clock_us();
	enum talk_end end = dialogue_connect(dialogue, visit->order->user,
	                                     visit->order->password);

	if (is_too_new(dialogue, end)) {
		report_note(STEP_CONNECT, "MQTT 5 is refused, trying 3.1.1");
		if (visit_again(visit)) {
			dialogue_finish(dialogue);
			dialogue_init(dialogue, &visit->talk, MQTT_LEVEL_3_1_1,
			              visit->order->timeout_s);
			end = dialogue_connect(dialogue, visit->order->user,
			                       visit->order->password);
		}
	}
	if (!dialogue->connack.is_there)
		visit_tell_end(visit, end, STEP_CONNECT, "no CONNACK");
	else if (dialogue->connack.code != 0)
		tell_refused(visit, dialogue);
	else
		report_ok(STEP_CONNECT,
		          "%s, the broker lets client id \"%s\" in (%.1f ms)",
		          name_level(dialogue->level), dialogue->client_id,
		          clock_ms_since(start));
	return dialogue->connack.is_there && dialogue->connack.code == 0;
}

/* False: the session is at its end. */
static bool subscribe(struct visit *visit, struct dialogue *dialogue)
{
	uint64_t start = clock_us();
	enum talk_end end = dialogue_subscribe(dialogue, visit->order->topic);
	uint8_t code = dialogue->suback.code;

	if (!dialogue->suback.is_there) {
		visit_tell_end(visit, end, STEP_SUBSCRIBE, "no SUBACK");
		return end == TALK_LATE;
	}
	if (code >= MQTT_REASON_FAILURE) {
		step_tell_no_subscribe(
		    visit, name_code(dialogue, code, advice_reason(code)).text);
		return true;
	}
	report_ok(STEP_SUBSCRIBE, "to %s, QoS %u granted (%.1f ms)",
	          quote_text(visit->order->topic).text, code,
	          clock_ms_since(start));
	return true;
}

/* What became of one message: whether a further one makes sense. */
static bool tell_message(struct visit *visit, struct dialogue *dialogue,
                         enum talk_end end, bool is_first)
{
	uint8_t code = dialogue->puback.code;

	if (!dialogue->puback.is_there) {
		visit_tell_end(visit, end, STEP_PUBLISH, "no PUBACK");
		return false;
	}
	if (code >= MQTT_REASON_FAILURE) {
		step_tell_no_publish(
		    visit, name_code(dialogue, code, advice_reason(code)).text);
		return false;
	}
	if (is_first)
		report_ok(STEP_PUBLISH, "to %s, acknowledged (%.1f ms)",
		          quote_text(visit->order->topic).text,
		          dialogue->puback.ms);
	return true;
}

static bool is_subscribed(const struct dialogue *dialogue)
{
	return dialogue->suback.is_there &&
	       dialogue->suback.code < MQTT_REASON_FAILURE;
}

/* False: the session is at its end. */
static bool publish(struct visit *visit, struct dialogue *dialogue)
{
	struct trips trips = { .count = 0 };
	enum talk_end end = TALK_FINE;

	for (unsigned i = 0; i < TRIPS; i++) {
		end = dialogue_publish(dialogue, visit->order->topic);
		if (!tell_message(visit, dialogue, end, i == 0))
			return dialogue->puback.is_there || end == TALK_LATE;
		if (!is_subscribed(dialogue))
			return true;
		end = dialogue_await(dialogue, &dialogue->message);
		if (end == TALK_LATE)
			step_tell_lost(visit);
		else if (end != TALK_FINE)
			visit_tell_end(visit, end, STEP_TRIP,
			               "the message did not come back");
		if (end != TALK_FINE)
			return end == TALK_LATE;
		trips_add(&trips, dialogue->message.ms);
	}
	step_tell_trips(&trips);
	return true;
}

static void say_all(struct visit *visit, struct dialogue *dialogue)
{
	if (!log_in(visit, dialogue) || !subscribe(visit, dialogue) ||
	    !publish(visit, dialogue))
		return;
	if (dialogue_disconnect(dialogue) == TALK_FINE)
		step_goodbye(visit);
}

void step_mqtt(struct visit *visit)
{
	struct dialogue dialogue;

	dialogue_init(&dialogue, &visit->talk, MQTT_LEVEL_5,
	              visit->order->timeout_s);
	say_all(visit, &dialogue);
	dialogue_finish(&dialogue);
}
