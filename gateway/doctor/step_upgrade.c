/* SPDX-License-Identifier: Apache-2.0 */
#include "doctor/step.h"

#include <stdio.h>

#include <openssl/sslerr.h>

#include "doctor/clock.h"
#include "doctor/doctor.h"
#include "doctor/quote.h"
#include "doctor/sniff.h"
#include "doctor/visit.h"

#define STEP "upgrade"
#define SWITCHING 101
#define WHAT_BYTES 1200
#define SHOWN_OCTETS 40

/* ", NAME: value" where the answer has such a field, else "". */
struct field_text {
	char text[QUOTE_BYTES + 32];
};

static struct field_text show(const struct response *response, const char *name)
{
	struct field_text shown = { .text = "" };
	struct slice value;

	if (response_field(response, name, &value))
		snprintf(shown.text, sizeof shown.text, ", %s: %s", name,
		         quote(value).text);
	return shown;
}

static void tell_refusal(struct visit *visit)
{
	const struct response *response = &visit->upgrade.response;
	bool is_postern = advice_is_postern(response->status, response->rest);
	char what[WHAT_BYTES];

	snprintf(what, sizeof what, "%u%s%s%s", response->status,
	         is_postern ? "" : show(response, "Server").text,
	         show(response, "Location").text,
	         show(response, "Retry-After").text);
	visit_advise(visit, STEP, what,
	             advice_status(response->status, is_postern));
}

static bool is_own_certificate_wanted(const struct visit *visit)
{
	return visit->upgrade.wire_end == WIRE_BROKEN &&
	       visit->wire.fault == SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED;
}

static void tell_no_http(struct visit *visit, enum upgrade_end end)
{
	struct report *report = &visit->report;
	const struct upgrade *upgrade = &visit->upgrade;
	unsigned port = visit->order->url.port;

	if (end == UPGRADE_NOT_HTTP) {
		size_t len =
		    upgrade->len < SHOWN_OCTETS ? upgrade->len : SHOWN_OCTETS;

		report_wrong(
		    report, STEP, "what answers is no HTTP: %s",
		    quote((struct slice){ upgrade->buffer, len }).text);
	} else if (upgrade->wire_end == WIRE_LATE) {
		report_wrong(report, STEP,
		             "connected, but no answer to HTTP within %u s: "
		             "what listens there is silent",
		             visit->order->timeout_s);
	} else {
		report_wrong(report, STEP, "closed without an answer");
	}
	report_mend("see what listens on port %u (ss -ltnp), whether it is "
	            "postern or the web server in front, and whether it "
	            "hangs; a listener with proxy_protocol is reached through "
	            "its proxy only",
	            port);
}

static void tell_no_answer(struct visit *visit, enum upgrade_end end)
{
	bool is_secure = visit->order->url.is_secure;
	struct report *report = &visit->report;

	if (is_own_certificate_wanted(visit)) {
		report_wrong(report, STEP,
		             "the listener wants a certificate of the browser");
		report_mend("look at client_certificate of the listener's tls; "
		            "a browser needs one imported, the doctor has "
		            "none");
	} else if (!is_secure && sniff_tls(visit->address, &visit->secure,
	                                   visit_glance(visit))) {
		report_wrong(report, STEP,
		             "the port speaks TLS, not plain HTTP");
		report_mend("write wss:// in place of ws://");
	} else if (!is_secure &&
	           sniff_mqtt(visit->address, visit_glance(visit))) {
		report_wrong(report, STEP,
		             "the port is an MQTT broker's own, which no "
		             "browser can speak to");
		report_mend("let pages go to a port of postern, and name this "
		            "one in servers of its upstream");
	} else {
		tell_no_http(visit, end);
	}
}

static enum step_dialect tell_dialect(struct visit *visit)
{
	const char *step = "subprotocol";
	struct slice name;

	if (!response_field(&visit->upgrade.response, "Sec-WebSocket-Protocol",
	                    &name)) {
		report_wrong(&visit->report, step,
		             "none was chosen of those offered: browsers "
		             "then end the connection");
		report_mend("this is no route of kind mqtt or json; or a "
		            "proxy takes Sec-WebSocket-Protocol away");
		return STEP_DIALECT_NONE;
	}
	if (slice_is(name, UPGRADE_MQTT)) {
		report_ok(step, "mqtt");
		return STEP_DIALECT_MQTT;
	}
	if (slice_is(name, UPGRADE_JSON)) {
		report_ok(step, "%s: the path does not speak mqtt, but JSON",
		          UPGRADE_JSON);
		return STEP_DIALECT_JSON;
	}
	if (slice_is(name, UPGRADE_NOBODYS)) {
		report_note(step, "any is taken: a route of kind channel, "
		                  "where each frame is a message; nothing was "
		                  "sent, so that nobody gets one by mistake");
		return STEP_DIALECT_NONE;
	}
	report_wrong(&visit->report, step,
	             "%s was chosen, which was not "
	             "offered",
	             quote(name).text);
	report_mend("what answers is no postern: see where the path leads");
	return STEP_DIALECT_NONE;
}

enum step_dialect step_upgrade(struct visit *visit)
{
	const struct doctor_order *order = visit->order;
	uint64_t start = clock_us();
	enum upgrade_end end;

	visit->wire.deadline_us = visit_deadline(visit);
	end = upgrade_ask(&visit->upgrade, &visit->wire, &order->url,
	                  order->origin);
	if (end != UPGRADE_ANSWERED) {
		tell_no_answer(visit, end);
		return STEP_DIALECT_NONE;
	}
	if (visit->upgrade.response.status != SWITCHING) {
		tell_refusal(visit);
		return STEP_DIALECT_NONE;
	}
	if (!upgrade_is_accepted(&visit->upgrade)) {
		report_wrong(&visit->report, STEP,
		             "101, but with a wrong Sec-WebSocket-Accept");
		report_mend("what answers is no WebSocket server, or gave the "
		            "answer of somebody else");
		return STEP_DIALECT_NONE;
	}
	report_ok(STEP, "101, a page of %s is let in (%.1f ms)",
	          quote_text(order->origin).text, clock_ms_since(start));
	talk_init(&visit->talk, &visit->wire, visit->upgrade.response.rest);
	return tell_dialect(visit);
}
