/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How many of each thing one worker holds: a fixed table of counts by key.
 *
 * One writer, any number of readers in other processes, no lock: a cell is
 * one word, so nobody ever sees a key with the count of another. All steps of
 * all processes have one order: of two writers that first count and then look
 * at each other's tally, one at least sees the other. Keys are hashes with a
 * secret seed (base/hash.h); the few bits of them that a cell has no place
 * for are not missed. Zeroed memory is an empty tally.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/attribute.h"

#define TALLY_CELLS 65536 /* keys at a time, about */

struct tally {
	_Atomic uint64_t cells[TALLY_CELLS];
};

/* By the one writer. False when there is no room for another key. */
bool tally_add(struct tally *tally, uint64_t key) MUST_CHECK;
void tally_drop(struct tally *tally, uint64_t key);

/* By anybody. */
uint64_t tally_count(const struct tally *tally, uint64_t key);

/* When the writer is no more. */
void tally_clear(struct tally *tally);
