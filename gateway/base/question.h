/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which connection `postern who` is asked about: by our port at the broker,
 * as it stands in the broker's log, or by the session.
 *
 * A question is plain memory: it goes as it is through a datagram.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/attribute.h"
#include "base/record.h"

#define QUESTION_ID_BYTES 32
#define QUESTION_ADDRESS_BYTES 48
#define QUESTION_ANY_TIME UINT64_MAX

struct question {
	char id[QUESTION_ID_BYTES];           /* of a session; empty: by port */
	char address[QUESTION_ADDRESS_BYTES]; /* ours; empty: whichever */
	uint16_t port;
	uint64_t at_s; /* wall clock, or QUESTION_ANY_TIME */
};

/*
 * Reads PORT, ADDRESS:PORT (IPv6 in brackets or not) or a session's id; at any
 * time.
 * False: it is none of them, and `out` is not touched.
 */
bool question_read(const char *text, struct question *out) MUST_CHECK;

/*
 * Whether `record` is one of those that it is about. Times are taken with a
 * tolerance of two seconds: the log is another process's.
 */
bool question_is_about(const struct question *question,
                       const struct record *record);
