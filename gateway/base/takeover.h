/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Client ids that two programs take from each other, again and again.
 *
 * An id that was taken over more than TAKEOVER_MOST times in a minute is held
 * back for TAKEOVER_BACKOFF_MS: whoever has it then, keeps it. Not every broker
 * says that an id was taken over; many just end the connection. So an id can
 * be suspected too: that is counted when somebody connects with it soon after,
 * and forgotten when nobody does.
 *
 * All are words that all processes share without a lock. A key is a hash of
 * upstream and id that is never 0. Zeroed memory knows of nothing. Pure: time
 * is an argument, of one clock for all.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attribute.h"
#include "base/pace.h"

#define TAKEOVER_MOST 5 /* a minute */
#define TAKEOVER_BACKOFF_MS 30000
#define TAKEOVER_WORDS 16384 /* more than ids in dispute at a time */

struct takeovers {
	struct pace paces[TAKEOVER_WORDS];
	_Atomic uint64_t suspects[TAKEOVER_WORDS]; /* part of key, and time */
};

/* Counts one; true: it is one too many, and the back-off begins. */
bool takeover_count(struct takeovers *takeovers, uint64_t key,
                    uint64_t now_ms) MUST_CHECK;

/* How long the id is held back still; 0: it is not. */
uint64_t takeover_backoff_ms(const struct takeovers *takeovers, uint64_t key,
                             uint64_t now_ms);

/* The id's connection ended as it does when it is taken over. */
void takeover_suspect(struct takeovers *takeovers, uint64_t key,
                      uint64_t now_ms);

/*
 * Whether it did so a moment ago, and when; that is forgotten with this call.
 */
bool takeover_was_suspected(struct takeovers *takeovers, uint64_t key,
                            uint64_t now_ms, uint64_t *then_ms) MUST_CHECK;
