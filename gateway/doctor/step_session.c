/* SPDX-License-Identifier: Apache-2.0 */
#include "doctor/step_session.h"

#include "doctor/clock.h"
#include "doctor/doctor.h"
#include "doctor/quote.h"
#include "doctor/trips.h"
#include "doctor/visit.h"

#define MEND_SUBSCRIBE                                                         \
	"the acl of the route of {path} must have a rule that allows sub "     \
	"{topic}, and the broker's own rules too; or give --topic with one "   \
	"that pages may use (postern can tells which rule decides)"
#define MEND_PUBLISH                                                           \
	"the route of {path} must not have read_only = true, its acl must "    \
	"have a rule that allows pub {topic}, and the broker's own rules "     \
	"too; or give --topic with one that pages may use (postern can tells " \
	"which rule decides)"

void step_tell_no_subscribe(struct visit *visit, const char *reason)
{
	report_wrong(&visit->report, STEP_SUBSCRIBE, "to %s: refused: %s",
	             quote_text(visit->order->topic).text, reason);
	report_mend("%s", advice_write(MEND_SUBSCRIBE, &visit->names).text);
}

void step_tell_no_publish(struct visit *visit, const char *reason)
{
	report_wrong(&visit->report, STEP_PUBLISH, "to %s: refused: %s",
	             quote_text(visit->order->topic).text, reason);
	report_mend("%s", advice_write(MEND_PUBLISH, &visit->names).text);
}

void step_tell_lost(struct visit *visit)
{
	report_wrong(&visit->report, STEP_TRIP,
	             "the message was acknowledged, but did not come back "
	             "within %u s: it was dropped on the way",
	             visit->order->timeout_s);
	report_mend("%s", advice_write(MEND_PUBLISH, &visit->names).text);
}

void step_tell_trips(const struct trips *trips)
{
	if (trips->count > 0)
		report_ok(STEP_TRIP,
		          "page, gateway, broker and back: %.1f ms, the median "
		          "of %zu",
		          trips_median(trips), trips->count);
}

void step_goodbye(struct visit *visit)
{
	uint64_t start = clock_us();
	enum talk_end end;

	visit->wire.deadline_us = visit_deadline(visit);
	end = talk_close(&visit->talk);
	if (end == TALK_CLOSED)
		report_ok(STEP_GOODBYE, "both sides have said so (%.1f ms)",
		          clock_ms_since(start));
	else
		report_note(STEP_GOODBYE,
		            "the server did not say that it is over");
}
