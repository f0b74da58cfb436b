/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The addresses of a name, as the system finds them, in the order in which it
 * would have them tried.
 *
 * The system's own look-up may take as long as it likes: it is done by a child
 * process, which is ended at the deadline.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/attribute.h"

#define DNS_ADDRESSES 16 /* further ones are left out */

enum dns_end {
	DNS_FOUND = 0,
	DNS_UNKNOWN,   /* there is no such name, or it has no address */
	DNS_NO_ANSWER, /* name servers are not reached, or failed */
	DNS_LATE,
	DNS_FAILED, /* for want of something here */
};

struct dns_answer {
	size_t count;
	struct sockaddr_storage list[DNS_ADDRESSES]; /* with the port */
};

/* `host` may be an address too. `answer` is set only when something is found.
 */
MUST_CHECK enum dns_end dns_find(const char *host, uint16_t port,
                                 uint64_t deadline_us,
                                 struct dns_answer *answer);
