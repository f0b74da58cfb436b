/* SPDX-License-Identifier: Apache-2.0 */
#include "doctor/step.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "doctor/clock.h"
#include "doctor/doctor.h"
#include "doctor/door.h"
#include "doctor/quote.h"
#include "doctor/visit.h"

#define LIST_BYTES (DNS_ADDRESSES * (DOOR_NAME_BYTES + 2))

static void write_addresses(const struct dns_answer *answer,
                            char list[LIST_BYTES])
{
	char name[DOOR_NAME_BYTES];
	size_t len = 0;

	list[0] = '\0';
	for (size_t i = 0; i < answer->count; i++) {
		door_address(&answer->list[i], name);
		len += (size_t)snprintf(list + len, LIST_BYTES - len, "%s%s",
		                        i > 0 ? ", " : "", name);
	}
}

static void tell_no_name(struct visit *visit, enum dns_end end)
{
	struct report *report = &visit->report;
	struct quote name = quote_text(visit->order->url.host);

	switch (end) {
	case DNS_UNKNOWN:
		report_wrong(report, "dns", "no such name: %s", name.text);
		report_mend("look for a typing error; else give the name an "
		            "address: A or AAAA in your DNS, or a line in "
		            "/etc/hosts");
		break;
	case DNS_NO_ANSWER:
		report_wrong(report, "dns",
		             "the name servers gave no answer about %s",
		             name.text);
		report_mend("look at the name servers of this machine "
		            "(/etc/resolv.conf) and the way to them");
		break;
	case DNS_LATE:
		report_wrong(report, "dns", "no answer about %s within %u s",
		             name.text, visit->order->timeout_s);
		report_mend("look at the name servers of this machine "
		            "(/etc/resolv.conf) and the way to them");
		break;
	case DNS_FOUND:
	case DNS_FAILED:
		report_wrong(report, "dns", "%s could not be looked up here",
		             name.text);
		report_mend("this machine lacks processes, descriptors or "
		            "memory");
		break;
	}
}

bool step_dns(struct visit *visit)
{
	const struct url *url = &visit->order->url;
	uint64_t start = clock_us();
	enum dns_end end = dns_find(url->host, url->port, visit_deadline(visit),
	                            &visit->addresses);
	char list[LIST_BYTES];

	if (end != DNS_FOUND) {
		tell_no_name(visit, end);
		return false;
	}
	if (url->is_address) {
		report_ok("dns", "%s is an address, no name to look up",
		          url->host);
		return true;
	}
	write_addresses(&visit->addresses, list);
	report_ok("dns", "%s is %s (%.1f ms)", url->host, list,
	          clock_ms_since(start));
	return true;
}

static const char *name_end(enum door_end end)
{
	switch (end) {
	case DOOR_OPEN:
		return "open";
	case DOOR_REFUSED:
		return "refused: nothing listens there";
	case DOOR_LATE:
		return "no answer: something on the way drops it";
	case DOOR_UNREACHABLE:
		return "not reachable from this machine";
	case DOOR_FAILED:
		break;
	}
	return "cannot be tried, this machine lacks something";
}

static void advise(enum door_end end, unsigned port)
{
	switch (end) {
	case DOOR_REFUSED:
		report_mend("see that postern runs (its log says `ready`) and "
		            "that a listener has port %u, and an address that "
		            "is reached from here: 127.0.0.1 is not, from "
		            "another machine",
		            port);
		break;
	case DOOR_LATE:
		report_mend("look at firewalls on the way and on the server: "
		            "port %u must be open; and see that the address "
		            "is right",
		            port);
		break;
	case DOOR_UNREACHABLE:
		report_mend("look at the network of this machine, and whether "
		            "the address is right");
		break;
	case DOOR_OPEN:
	case DOOR_FAILED:
		report_mend("look at the descriptor limit and the memory of "
		            "this machine");
		break;
	}
}

/* Those that are still to be tried share what time is left. */
static uint64_t share(uint64_t deadline_us, size_t left)
{
	uint64_t now = clock_us();

	return deadline_us > now ? now + (deadline_us - now) / left : now;
}

static void tell_open(struct visit *visit, size_t tried, uint64_t start)
{
	char name[DOOR_NAME_BYTES];

	door_name(visit->address, name);
	report_ok("tcp", "%s answers (%.1f ms)", name, clock_ms_since(start));
	if (tried > 0)
		report_note("tcp",
		            "browsers come to the address that answers, but "
		            "later: take the others out of the DNS, or listen "
		            "there too");
}

static void tell_shut(struct visit *visit, size_t index, enum door_end end,
                      bool is_last)
{
	char name[DOOR_NAME_BYTES];

	door_name(&visit->addresses.list[index], name);
	if (is_last) {
		report_wrong(&visit->report, "tcp", "%s %s", name,
		             name_end(end));
		advise(end, visit->order->url.port);
	} else {
		report_note("tcp", "%s %s", name, name_end(end));
	}
}

bool step_tcp(struct visit *visit)
{
	const struct dns_answer *known = &visit->addresses;
	uint64_t deadline = visit_deadline(visit);

	for (size_t i = 0; i < known->count; i++) {
		size_t left = known->count - i;
		uint64_t start = clock_us();
		int fd;
		enum door_end end =
		    door_open(&known->list[i], share(deadline, left), &fd);

		if (end == DOOR_OPEN) {
			wire_init(&visit->wire, fd);
			visit->address = &known->list[i];
			tell_open(visit, i, start);
			return true;
		}
		tell_shut(visit, i, end, left == 1);
	}
	return false;
}
