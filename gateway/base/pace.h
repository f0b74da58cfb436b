/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How fast something may come: so many a second, all of a second's worth at
 * once if there was quiet before.
 *
 * A token bucket in one word, shared by all processes without a lock: it
 * holds when the next would come if all came evenly (GCRA). Zeroed memory is
 * one that has rested. Pure: time is an argument, of one clock for all.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/attribute.h"

struct pace {
	_Atomic uint64_t due_ns;
};

/*
 * Takes one at `now_ms` if there are less than `per_s` (not 0) a second.
 *
 * Many share few paces, picked by two hashes: it is only too fast when both
 * of them say so, and both then count the same, so that somebody who shares
 * one with a flood is not taken for it. `one` and `other` may be the same.
 */
bool pace_take(struct pace *one, struct pace *other, uint64_t now_ms,
               uint32_t per_s) MUST_CHECK;
