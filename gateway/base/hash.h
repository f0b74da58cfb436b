/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A number for a text that nobody can foresee without the seed: SipHash-2-4.
 *
 * Strangers choose what is hashed here (their addresses), so a plain hash
 * would let them pick whom they collide with.
 */
#pragma once

#include <stdint.h>

#include "base/attribute.h"
#include "base/slice.h"

struct hash_seed {
	uint64_t words[2];
};

/* Fills `seed` from the kernel; false when it has nothing to give. */
bool hash_seed_init(struct hash_seed *seed) MUST_CHECK;

uint64_t hash_slice(const struct hash_seed *seed, struct slice text);
