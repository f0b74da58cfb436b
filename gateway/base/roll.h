/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Numbers for names that come and go: what has a number keeps it as long as
 * anybody holds the name, so that counts go on from one configuration to the
 * next.
 *
 * A fixed table in memory that processes share. One of them writes, the
 * others look up. Names are keys: hashes with a secret seed (base/hash.h),
 * never 0. Zeroed memory is a roll that nobody is on.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attribute.h"

#define ROLL_NAMES 512        /* at a time */
#define ROLL_NOWHERE SIZE_MAX /* the number of a name that is not on it */

struct roll {
	_Atomic uint64_t keys[ROLL_NAMES];
	uint32_t holds[ROLL_NAMES]; /* the writer's */
};

/*
 * By the writer: holds `key` once more. Gives its number, or ROLL_NOWHERE
 * when there is no room; `is_new` tells that nobody had it before.
 */
size_t roll_hold(struct roll *roll, uint64_t key, bool *is_new);

/* By the writer, for each time it was held. */
void roll_release(struct roll *roll, uint64_t key);

/* By anybody. */
size_t roll_find(const struct roll *roll, uint64_t key);
