/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What our own client says on a relay that the broker is not to hear.
 *
 * Its DISCONNECT: when a page has left in good order the session itself says
 * so (relay_disconnect), and else nobody, for the sake of the will. And what
 * it repeats on a connection that is good: Paho 1.3.12 sends the unanswered
 * messages of all its clients once more when one of them comes back. A repeat
 * is in order only where that connection has not seen the message yet.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"
#include "policy/packet_ids.h"

/* Zeroed: nothing was said yet. */
struct chatter {
	struct packet_ids under_way; /* PUBLISH without its last answer */
};

void chatter_finish(struct chatter *chatter);

/* Whether the packet that begins with `head` is to be left out. */
bool chatter_is(struct chatter *chatter, struct slice head, uint8_t level);

/* A PUBLISH that was judged went no further: its answer is ours. */
void chatter_refused(struct chatter *chatter, uint16_t packet_id);

/* The broker has said something. */
void chatter_answered(struct chatter *chatter, struct slice head,
                      uint8_t level);
