/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The socket of a stream, with TLS on it or without: bytes in, bytes out, the
 * end. Never blocks, keeps no bytes but those of a record under way.
 *
 * In TLS either direction may have to wait for the other one: what to watch
 * the socket for is in `waits_for_room` and `waits_for_bytes`.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attribute.h"
#include "base/slice.h"

struct ssl_st; /* OpenSSL's SSL */

struct cable {
	int fd;
	struct ssl_st *tls;   /* owned; NULL: plain */
	bool waits_for_room;  /* reading goes on when the socket takes bytes */
	bool waits_for_bytes; /* writing goes on when the socket has some */
	bool is_dry;          /* the last read found the socket empty */
	bool is_over;         /* nothing more can be read */
	bool is_reset;        /* as its owner was told: no poll tells more */
	const char *why;      /* it ended so, in words; NULL: in good order */
};

/* Takes both over; `tls` may be NULL. */
struct cable cable_of(int fd, struct ssl_st *tls);

/*
 * Reads up to `size`; `*len` may be 0: nothing there yet. False: it is over,
 * ended by the other side or lost.
 */
bool cable_read(struct cable *cable, uint8_t *out, size_t size,
                size_t *len) MUST_CHECK;

/* Whether there is more to read that no poll of the socket tells of. */
bool cable_holds(const struct cable *cable);

/*
 * How much of `bytes` it took. The rest must come again first, with whatever
 * follows it. False: it takes nothing any more.
 */
bool cable_write(struct cable *cable, struct slice bytes,
                 size_t *taken) MUST_CHECK;

/*
 * Tells the other side that nothing follows; it can still be read. False:
 * again when the socket takes bytes.
 */
bool cable_end(struct cable *cable) MUST_CHECK;

/* Ends both directions at once, whatever is under way. */
void cable_cut(const struct cable *cable);

/* Gives back the socket and the rest. Nobody may be polling it any more. */
void cable_close(struct cable *cable);
