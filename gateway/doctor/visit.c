/* SPDX-License-Identifier: Apache-2.0 */
#include "doctor/visit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "doctor/clock.h"
#include "doctor/doctor.h"
#include "doctor/door.h"
#include "doctor/quote.h"

#define GLANCE_US (3 * CLOCK_S_US)
#define WHAT_BYTES 512

struct visit *visit_create(const struct doctor_order *order)
{
	struct visit *visit = calloc(1, sizeof *visit);
	struct slice path = url_path(&order->url);

	if (!visit)
		return NULL;
	visit->order = order;
	visit->wire.fd = -1;
	url_origin(&order->url, visit->site);
	memcpy(visit->path, path.data, path.len);
	visit->names = (struct advice_names){
		.origin = order->origin,
		.path = visit->path,
		.host = order->url.authority,
		.site = visit->site,
		.topic = order->topic,
	};
	if (secure_init(&visit->secure, &order->url, order->ca_file))
		return visit;
	fprintf(stderr, "postern doctor: no certificate can be read from the "
	                "file of --ca\n");
	visit_destroy(visit);
	return NULL;
}

void visit_destroy(struct visit *visit)
{
	if (!visit)
		return;
	wire_close(&visit->wire);
	secure_finish(&visit->secure);
	free(visit);
}

uint64_t visit_deadline(const struct visit *visit)
{
	return clock_us() + (uint64_t)visit->order->timeout_s * CLOCK_S_US;
}

uint64_t visit_glance(const struct visit *visit)
{
	uint64_t soon = clock_us() + GLANCE_US;
	uint64_t deadline = visit_deadline(visit);

	return soon < deadline ? soon : deadline;
}

bool visit_again(struct visit *visit)
{
	const struct doctor_order *order = visit->order;
	uint64_t deadline = visit_deadline(visit);
	int fd;

	wire_close(&visit->wire);
	if (door_open(visit->address, deadline, &fd) != DOOR_OPEN)
		return false;
	wire_init(&visit->wire, fd);
	visit->wire.deadline_us = deadline;
	if (order->url.is_secure &&
	    (secure_open(&visit->secure, &visit->wire) != WIRE_FINE ||
	     visit->secure.fault_count > 0))
		return false;
	if (upgrade_ask(&visit->upgrade, &visit->wire, &order->url,
	                order->origin) != UPGRADE_ANSWERED ||
	    !upgrade_is_accepted(&visit->upgrade))
		return false;
	talk_init(&visit->talk, &visit->wire, visit->upgrade.response.rest);
	return true;
}

void visit_advise(struct visit *visit, const char *step, const char *what,
                  const struct advice *advice)
{
	report_wrong(&visit->report, step, "%s: %s", what,
	             advice_write(advice->means, &visit->names).text);
	report_mend("%s", advice_write(advice->mend, &visit->names).text);
}

static void tell_closed(struct visit *visit, const char *step, const char *what)
{
	const struct talk *talk = &visit->talk;
	char text[WHAT_BYTES];

	snprintf(text, sizeof text, "%s, closed with %u %s", what,
	         talk->close_code, quote_text(talk->close_word).text);
	visit_advise(visit, step, text,
	             advice_close(talk->close_code, talk->close_word));
}

void visit_tell_end(struct visit *visit, enum talk_end end, const char *step,
                    const char *what)
{
	switch (end) {
	case TALK_CLOSED:
		tell_closed(visit, step, what);
		return;
	case TALK_LATE:
		report_wrong(&visit->report, step, "%s within %u s", what,
		             visit->order->timeout_s);
		report_mend("see that the broker answers; look at the log of "
		            "the gateway and of the broker for this time");
		return;
	case TALK_BROKEN:
		report_wrong(&visit->report, step,
		             "%s: what came is no WebSocket, or not in this "
		             "dialect",
		             what);
		report_mend("look at what stands between here and postern, "
		            "and at the kind of the route");
		return;
	case TALK_GONE:
	case TALK_FINE:
		break;
	}
	report_wrong(&visit->report, step,
	             "%s: the connection ended without a word", what);
	report_mend("a proxy between may cut WebSockets, or a worker of the "
	            "gateway died: look at their logs");
}
