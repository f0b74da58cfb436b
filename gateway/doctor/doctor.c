/* SPDX-License-Identifier: Apache-2.0 */
#include "doctor/doctor.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "doctor/quote.h"
#include "doctor/step.h"
#include "doctor/visit.h"

#define WHAT_BYTES (URL_AUTHORITY_BYTES + URL_TARGET_BYTES + QUOTE_BYTES + 32)
#define HTTPS "https://"

static void tell_origin(const struct doctor_order *order)
{
	if (order->is_origin_ours)
		report_note("origin",
		            "as a page of %s would (--origin for a page from "
		            "elsewhere)",
		            quote_text(order->origin).text);
	if (!order->url.is_secure && !order->url.is_loopback &&
	    strncmp(order->origin, HTTPS, strlen(HTTPS)) == 0)
		report_note("origin", "browsers let pages of https:// open "
		                      "wss:// only, not ws://, but for this "
		                      "machine itself");
}

static void walk(struct visit *visit)
{
	tell_origin(visit->order);
	if (!step_dns(visit) || !step_tcp(visit) ||
	    (visit->order->url.is_secure && !step_tls(visit)))
		return;
	switch (step_upgrade(visit)) {
	case STEP_DIALECT_MQTT:
		step_mqtt(visit);
		break;
	case STEP_DIALECT_JSON:
		step_json(visit);
		break;
	case STEP_DIALECT_NONE:
		break;
	}
}

bool doctor_visit(const struct doctor_order *order)
{
	struct visit *visit = visit_create(order);
	char what[WHAT_BYTES];
	bool is_well;

	if (!visit)
		return false;
	signal(SIGPIPE, SIG_IGN);
	walk(visit);
	snprintf(what, sizeof what, "%s://%s%s for pages of %s",
	         order->url.is_secure ? "wss" : "ws", order->url.authority,
	         order->url.target, quote_text(order->origin).text);
	is_well = report_verdict(&visit->report, what);
	visit_destroy(visit);
	return is_well;
}
