/* SPDX-License-Identifier: Apache-2.0 */
#include "doctor/step.h"

#include <openssl/ssl.h>

#include "doctor/certificate.h"
#include "doctor/clock.h"
#include "doctor/doctor.h"
#include "doctor/quote.h"
#include "doctor/sniff.h"
#include "doctor/visit.h"

#define STEP "tls"

static void tell_session(const struct wire *wire, uint64_t start)
{
	const unsigned char *name = NULL;
	unsigned len = 0;
	STACK_OF(X509) *sent = SSL_get_peer_cert_chain(wire->tls);

	SSL_get0_alpn_selected(wire->tls, &name, &len);
	report_ok(STEP, "%s, certificates sent: %d, ALPN: %s (%.1f ms)",
	          SSL_get_version(wire->tls), sk_X509_num(sent),
	          name ? quote((struct slice){ name, len }).text
	               : "none chosen, so HTTP/1.1",
	          clock_ms_since(start));
}

static void tell_alert(struct visit *visit)
{
	struct report *report = &visit->report;

	switch (visit->wire.fault) {
	case SSL_R_TLSV1_ALERT_PROTOCOL_VERSION:
	case SSL_R_UNSUPPORTED_PROTOCOL:
		report_wrong(report, STEP,
		             "no version in common: browsers speak TLS 1.2 and "
		             "1.3 only");
		report_mend("let the server speak one of them");
		break;
	case SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE:
		report_wrong(report, STEP,
		             "the server finds no cipher in common, or wants a "
		             "certificate of the browser");
		report_mend("look at the server's ciphers, and at whether it "
		            "asks for client certificates");
		break;
	case SSL_R_TLSV1_UNRECOGNIZED_NAME:
		report_wrong(report, STEP,
		             "the server has no certificate for %s",
		             quote_text(visit->order->url.host).text);
		report_mend("use a name that it serves, or give it a "
		            "certificate for this one");
		break;
	default:
		report_wrong(report, STEP, "the handshake failed: %s",
		             quote_text(visit->wire.fault_text).text);
		report_mend("see that the port is one of HTTPS; the log of "
		            "the server may say more");
		break;
	}
}

static void tell_failed(struct visit *visit, enum wire_end end)
{
	struct report *report = &visit->report;

	wire_close(&visit->wire);
	if (sniff_http(visit->address, visit->order->url.authority,
	               visit_glance(visit))) {
		report_wrong(report, STEP,
		             "the port speaks plain HTTP, not TLS");
		report_mend("write ws:// in the page, or give the listener a "
		            "group tls, or go in through the port that has "
		            "one");
	} else if (end == WIRE_BROKEN) {
		tell_alert(visit);
	} else if (end == WIRE_LATE) {
		report_wrong(report, STEP,
		             "connected, but no answer to TLS within %u s: "
		             "what listens there is silent",
		             visit->order->timeout_s);
		report_mend("see what listens on port %u (ss -ltnp), and "
		            "whether it hangs",
		            visit->order->url.port);
	} else {
		report_wrong(report, STEP,
		             "the server closed in the midst of the TLS "
		             "handshake");
		report_mend("see what listens on port %u (ss -ltnp): it "
		            "speaks neither TLS nor HTTP, or takes nobody "
		            "from this address, or has proxy_protocol and is "
		            "reached through its proxy only",
		            visit->order->url.port);
	}
}

bool step_tls(struct visit *visit)
{
	uint64_t start = clock_us();
	enum wire_end end;

	visit->wire.deadline_us = visit_deadline(visit);
	end = secure_open(&visit->secure, &visit->wire);
	if (end != WIRE_FINE) {
		tell_failed(visit, end);
		return false;
	}
	tell_session(&visit->wire, start);
	return certificate_tell(&visit->report, &visit->secure,
	                        visit->wire.tls);
}
