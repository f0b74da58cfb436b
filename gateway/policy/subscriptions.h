/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a session has asked to hear: SUBSCRIBEs that the broker has not
 * answered yet, with the refusals that belong into its SUBACK, and how many
 * filters are held, for the route's `subscriptions`.
 *
 * Filters are remembered by a hash. Empty, it holds no memory.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attribute.h"
#include "base/hash.h"
#include "base/slice.h"

#define SUBSCRIPTIONS_PENDING 32 /* SUBSCRIBEs without their SUBACK */
#define SUBSCRIPTIONS_ASKED 0xff /* a filter that goes to the broker */

/* One filter of a SUBSCRIBE. */
struct subscription {
	uint64_t hash;
	uint8_t code; /* of the refusal, or SUBSCRIPTIONS_ASKED */
	bool is_new;  /* it was not held before */
};

struct subscribe {
	struct subscribe *next;
	uint16_t packet_id;
	size_t count; /* filters */
	size_t asked; /* of them */
	struct subscription filters[];
};

/* Zeroed but for its seed it is empty and good. */
struct subscriptions {
	const struct hash_seed *seed; /* borrowed */
	struct subscribe *pending;
	uint32_t pending_count;
	uint64_t *held; /* hashes, in no order */
	uint32_t held_count;
	uint32_t held_size;
};

void subscriptions_finish(struct subscriptions *subscriptions);

/* The pending SUBSCRIBE of that id; NULL: none. */
struct subscribe *subscriptions_find(const struct subscriptions *subscriptions,
                                     uint16_t packet_id);

/*
 * Makes room for a SUBSCRIBE of `count` filters; the caller fills them by
 * subscriptions_ask and subscriptions_refuse, then gives it back to
 * subscriptions_wait or subscriptions_drop. NULL: no memory.
 */
struct subscribe *subscriptions_begin(uint16_t packet_id, size_t count);

/*
 * Whether the session may hold `filter` too, `most` in all (0: no limit);
 * it then counts as held. `at` is its place in the SUBSCRIBE.
 */
bool subscriptions_ask(struct subscriptions *subscriptions,
                       struct subscribe *subscribe, size_t at,
                       struct slice filter, uint32_t most) MUST_CHECK;

void subscriptions_refuse(struct subscribe *subscribe, size_t at, uint8_t code);

/* Takes it over until its SUBACK. */
void subscriptions_wait(struct subscriptions *subscriptions,
                        struct subscribe *subscribe);

/*
 * The broker's `codes` for the filters that it was asked for: what it refused
 * is not held. Writes the codes of all filters to `all`, `count` of them.
 * False: it did not answer as many as it was asked for.
 */
bool subscriptions_answer(struct subscriptions *subscriptions,
                          const struct subscribe *subscribe, struct slice codes,
                          uint8_t *all) MUST_CHECK;

/* Forgets one that waits, or that was only begun. */
void subscriptions_drop(struct subscriptions *subscriptions,
                        struct subscribe *subscribe);

/* An UNSUBSCRIBE. */
void subscriptions_leave(struct subscriptions *subscriptions,
                         struct slice filter);
