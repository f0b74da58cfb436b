/* SPDX-License-Identifier: Apache-2.0 */
#include "base/takeover.h"

#define MINUTE_MS UINT64_C(60000)
#define MS_NS UINT64_C(1000000)
#define STEP_NS (MINUTE_MS / TAKEOVER_MOST * MS_NS)
#define SOON_MS 10000 /* a client that lost its connection is back by then */
#define INDEX_BITS 14
#define TIME_BITS 40 /* ms: 34 years of uptime */

_Static_assert(TAKEOVER_WORDS == 1 << INDEX_BITS, "two hashes in one key");

static size_t index_of(uint64_t key)
{
	return key % TAKEOVER_WORDS;
}

static size_t other_index_of(uint64_t key)
{
	return (key >> INDEX_BITS) % TAKEOVER_WORDS;
}

/*
 * Without a back-off the next one is due a minute from now at the latest: it
 * takes all five for that. A back-off puts it off to a minute behind its end.
 */
bool takeover_count(struct takeovers *takeovers, uint64_t key, uint64_t now_ms)
{
	static const struct pace_limit limit = {
		.step_ns = STEP_NS,
		.ahead_ns = STEP_NS * (TAKEOVER_MOST - 1),
	};
	struct pace *one = &takeovers->paces[index_of(key)];
	struct pace *other = &takeovers->paces[other_index_of(key)];
	uint64_t wait_ms;

	if (takeover_backoff_ms(takeovers, key, now_ms) > 0 ||
	    pace_reserve(one, other, &limit, now_ms, 0, &wait_ms))
		return false;
	pace_put_off(one, other,
	             (now_ms + MINUTE_MS + TAKEOVER_BACKOFF_MS) * MS_NS);
	return true;
}

uint64_t takeover_backoff_ms(const struct takeovers *takeovers, uint64_t key,
                             uint64_t now_ms)
{
	uint64_t due_ms = pace_due_ns(&takeovers->paces[index_of(key)],
	                              &takeovers->paces[other_index_of(key)]) /
	                  MS_NS;

	return due_ms > now_ms + MINUTE_MS ? due_ms - now_ms - MINUTE_MS : 0;
}

/* What makes a word of `key` at `now_ms`: whose, and when. */
static uint64_t suspicion(uint64_t key, uint64_t now_ms)
{
	return (key >> TIME_BITS << TIME_BITS) |
	       (now_ms & ((UINT64_C(1) << TIME_BITS) - 1));
}

void takeover_suspect(struct takeovers *takeovers, uint64_t key,
                      uint64_t now_ms)
{
	atomic_store(&takeovers->suspects[index_of(key)],
	             suspicion(key, now_ms));
}

bool takeover_was_suspected(struct takeovers *takeovers, uint64_t key,
                            uint64_t now_ms, uint64_t *then_ms)
{
	_Atomic uint64_t *word = &takeovers->suspects[index_of(key)];
	uint64_t seen = atomic_load(word);
	uint64_t ago_ms = suspicion(key, now_ms) - seen;

	if (seen > suspicion(key, now_ms) || ago_ms > SOON_MS ||
	    !atomic_compare_exchange_strong(word, &seen, 0))
		return false;
	*then_ms = now_ms - ago_ms;
	return true;
}
