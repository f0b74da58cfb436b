/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Frames that wait for a browser that is slow.
 *
 * Bounded by the octets of what may be lost: over the bound, messages of QoS 0
 * go first, those that a newer one of their topic is behind before others, and
 * are counted by topic. Other frames are never dropped: who puts them in has
 * to stop reading the broker (inbox_is_heavy). Knows no socket.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attribute.h"
#include "base/slice.h"
#include "page/losses.h"

#define INBOX_HEADROOM 16 /* writable bytes in front of a frame */

struct inbox_frame {
	struct inbox_frame *next;
	bool is_text;
	bool may_drop;      /* a message of QoS 0 */
	bool is_superseded; /* a newer one of its topic waits behind it */
	size_t topic_len;
	size_t len;
	uint8_t bytes[]; /* headroom, frame, topic */
};

/* Zeroed but for `most`: empty. */
struct inbox {
	size_t most; /* octets of frames */
	struct inbox_frame *first;
	struct inbox_frame *last;
	size_t bytes;
	size_t bytes_kept;    /* of those that may not be dropped */
	struct losses losses; /* not told yet */
	uint64_t dropped;     /* messages, ever */
};

void inbox_finish(struct inbox *inbox);

bool inbox_is_empty(const struct inbox *inbox);

/* Adds a frame, copied; `topic` empty: no message. False: no memory. */
bool inbox_put(struct inbox *inbox, struct slice frame, bool is_text,
               bool may_drop, struct slice topic) MUST_CHECK;

/* The oldest; it is its caller's to free. NULL: empty. */
struct inbox_frame *inbox_take(struct inbox *inbox);

/* Whether so much waits that must not be lost that no more may come. */
bool inbox_is_heavy(const struct inbox *inbox);
