/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How fast something may come: so many a second, some of them at once if
 * there was quiet before.
 *
 * A token bucket in one word, shared by all processes without a lock: it
 * holds when the next would come if all came evenly (GCRA). Zeroed memory is
 * one that has rested. Pure: time is an argument, of one clock for all.
 *
 * Many share few paces, picked by two hashes: it is only too fast when both
 * of them say so, and both then count the same, so that somebody who shares
 * one with a flood is not taken for it. `one` and `other` may be the same.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/attribute.h"

struct pace {
	_Atomic uint64_t due_ns;
};

struct pace_limit {
	uint64_t step_ns;  /* from one to the next; not 0 */
	uint64_t ahead_ns; /* how early one may come: so many steps at once */
};

/*
 * Takes one at `now_ms` if there are less than `per_s` (not 0) a second; all
 * of a second's worth may come at once.
 */
bool pace_take(struct pace *one, struct pace *other, uint64_t now_ms,
               uint32_t per_s) MUST_CHECK;

/*
 * Reserves the next moment within `limit`, `*wait_ms` from `now_ms`. False:
 * that would be more than `most_ms`; nothing is reserved, and `*wait_ms`
 * tells how long it would have been.
 */
bool pace_reserve(struct pace *one, struct pace *other,
                  const struct pace_limit *limit, uint64_t now_ms,
                  uint64_t most_ms, uint64_t *wait_ms) MUST_CHECK;

/* One that was reserved has not come: the next may have its step. */
void pace_give_back(struct pace *pace, uint64_t step_ns);

/* When both let the next one come, if all came evenly. */
uint64_t pace_due_ns(const struct pace *one, const struct pace *other);

/* Puts the next one of both off to `due_ns`, if it is not later anyway. */
void pace_put_off(struct pace *one, struct pace *other, uint64_t due_ns);
