/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An open WebSocket: messages out, messages in, and how it ended.
 *
 * Pings are answered unseen. Knows nothing of what is in the messages.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attribute.h"
#include "base/slice.h"
#include "doctor/frame.h"

#define TALK_BYTES 65536 /* longest message */
#define TALK_CLOSE_BYTES 124
#define TALK_NO_CODE 1005 /* [RFC 6455 7.4.1] */

struct wire;

enum talk_end {
	TALK_FINE = 0,
	TALK_CLOSED, /* the server said so: `close_code`, `close_word` */
	TALK_GONE,   /* the connection ended without a word */
	TALK_LATE,   /* the deadline of the wire came first; may be gone on */
	TALK_BROKEN, /* what came is no WebSocket, or far too large */
};

struct talk {
	struct wire *wire; /* borrowed */
	uint16_t close_code;
	char close_word[TALK_CLOSE_BYTES]; /* as the server wrote it, to NUL */
	size_t len;                        /* of `buffer` filled */
	size_t used;                       /* and done with */
	uint8_t buffer[TALK_BYTES + FRAME_HEADER_OCTETS];
};

/* `early` came behind the answer to the handshake. */
void talk_init(struct talk *talk, struct wire *wire, struct slice early);

/* One message of at most TALK_BYTES. */
MUST_CHECK enum talk_end talk_send(struct talk *talk, enum frame_opcode opcode,
                                   struct slice payload);

/* The next frame with a piece of a message; dies with the next call. */
MUST_CHECK enum talk_end talk_receive(struct talk *talk, struct frame *frame);

/* Says that it is over and waits for the server to say the same. */
MUST_CHECK enum talk_end talk_close(struct talk *talk);
