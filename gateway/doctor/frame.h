/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The frames of a WebSocket as its client reads and writes them [RFC 6455 5].
 * Pure: the mask is the caller's to make.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attribute.h"
#include "base/slice.h"

#define FRAME_MASK_OCTETS 4
#define FRAME_HEADER_OCTETS 14
#define FRAME_CONTROL_MAX 125 /* payload of ping, pong and close */

enum frame_opcode {
	FRAME_MORE_OF = 0, /* continues the one before */
	FRAME_TEXT = 1,
	FRAME_BINARY = 2,
	FRAME_CLOSE = 8,
	FRAME_PING = 9,
	FRAME_PONG = 10,
};

struct frame {
	bool is_last;   /* of its message */
	uint8_t opcode; /* one of those above */
	struct slice payload;
};

enum frame_read {
	FRAME_MORE = 0, /* not whole yet */
	FRAME_WHOLE,
	FRAME_BROKEN,    /* what no server may send */
	FRAME_TOO_LARGE, /* has a payload over `most` */
};

/* Takes a frame off `in`, which is only touched when it is whole. */
MUST_CHECK enum frame_read frame_read(struct slice *in, size_t most,
                                      struct frame *frame);

/*
 * Writes a frame that is a whole message, masked; gives its length, or 0 when
 * it does not fit.
 */
size_t frame_write(uint8_t *buffer, size_t size, enum frame_opcode opcode,
                   const uint8_t mask[FRAME_MASK_OCTETS], struct slice payload);
