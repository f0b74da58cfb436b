/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is kept of a connection to a broker: whose it is and from when to
 * when it was there, for `postern who`.
 *
 * A record is a view with borrowed texts. Packed it is plain memory of one
 * size, which goes as it is through a datagram or into the archive
 * (base/archive.h); texts that are too long for that are cut there. Times are
 * of the wall clock: they are compared with the broker's log.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attribute.h"
#include "base/close.h"

enum record_sort {
	RECORD_SESSION = 0,
	RECORD_PROBE, /* the gateway's own look at the broker */
	RECORD_SORTS,
};

enum record_text {
	RECORD_ID = 0, /* of the session: w17-41 */
	RECORD_USER,
	RECORD_FROM, /* the browser's address and port */
	RECORD_ORIGIN,
	RECORD_ROUTE,
	RECORD_LISTENER,
	RECORD_TLS,
	RECORD_CLIENT_ID,
	RECORD_UPSTREAM, /* the broker's address and port */
	RECORD_LOCAL,    /* ours: what the broker's log has */
	RECORD_TEXTS,    /* how many there are */
};

struct record {
	enum record_sort sort;
	unsigned worker;
	uint64_t since_ms;
	uint64_t until_ms;        /* 0: it is open */
	enum close_reason reason; /* NONE of one that has ended: its worker
	                             died */
	const char *texts[RECORD_TEXTS]; /* NULL is written as a dash */
};

#define RECORD_TEXT_BYTES 480

struct record_packed {
	uint64_t since_ms;
	uint64_t until_ms;
	uint32_t worker;
	uint16_t sort;
	uint16_t reason;
	char texts[RECORD_TEXT_BYTES]; /* in order, a NUL behind each */
};

/* The longest texts are cut, with "..." at their ends, until all have room. */
void record_pack(const struct record *record, struct record_packed *out);

/*
 * `out` borrows its texts from `packed`. False, for whatever bytes: it is no
 * record.
 */
bool record_unpack(const struct record_packed *packed,
                   struct record *out) MUST_CHECK;

/* The word for a text, as in the log: "client_id". */
const char *record_word(enum record_text text);

/* Now, by the wall clock. */
uint64_t record_now_ms(void);
