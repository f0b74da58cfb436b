/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whose turn it is to connect to an upstream: all workers and generations
 * together begin no more connections towards it in a second than it is meant
 * to get.
 *
 * First come, first served. A turn is a moment, reserved at the end of the
 * queue of all who wait; the moments lie a little further apart than they
 * would have to. Loops run late, so that they are counted once more when
 * they come: that bound holds whatever the load. Somebody who comes alone
 * does not wait. That there is a queue is in the log, once a second.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/attribute.h"

struct shared;

struct turn_queue {
	struct shared *shared;
	const char *upstream; /* its name, the same in all generations */
	uint32_t per_s;       /* 0: no bound, nobody waits */
};

/*
 * Reserves a turn for somebody who has yet to say that he wants to connect,
 * `*wait_ms` from `now_ms`. False: the queue is too long for one more, who
 * may come again in `*wait_ms`.
 */
bool turn_reserve(const struct turn_queue *queue, uint64_t now_ms,
                  uint64_t *wait_ms) MUST_CHECK;

/* Who had reserved one has left without connecting. */
void turn_give_back(const struct turn_queue *queue);

#define TURN_NEVER UINT64_MAX

/*
 * How long he whose turn is `*turn_ms` has to wait. 0: he connects at once
 * and is counted; otherwise he asks again after that time. TURN_NEVER: the
 * queue is too long for him. A turn that has long passed, or is 0, becomes a
 * new one at the end of the queue.
 */
uint64_t turn_wait_ms(const struct turn_queue *queue, uint64_t now_ms,
                      uint64_t *turn_ms) MUST_CHECK;
