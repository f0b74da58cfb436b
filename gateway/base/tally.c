/* SPDX-License-Identifier: Apache-2.0 */
#include "base/tally.h"

#include <assert.h>
#include <stddef.h>

_Static_assert(ATOMIC_LLONG_LOCK_FREE == 2, "a lock would not cross processes");
_Static_assert((TALLY_CELLS & (TALLY_CELLS - 1)) == 0, "wraps by a mask");

/*
 * A cell is the upper bits of a key and its count. The lower bits choose
 * where to begin to look. A cell whose count has come back to 0 is free, but
 * only one that was never used ends the search: a key that stands behind
 * others stays found when those have gone.
 */
#define COUNT_BITS 24
#define COUNT_MOST ((UINT64_C(1) << COUNT_BITS) - 1)
#define NEVER_USED 0
#define REACH 32 /* cells that are looked at for a key */

static uint64_t count_of(uint64_t cell)
{
	return cell & COUNT_MOST;
}

/* Never 0, so that a cell once used is told from one that never was. */
static uint64_t label_of(uint64_t key)
{
	return (key & ~COUNT_MOST) | UINT64_C(1) << COUNT_BITS;
}

static bool counts(uint64_t cell, uint64_t key)
{
	return count_of(cell) > 0 && (cell & ~COUNT_MOST) == label_of(key);
}

/* Where `key` is counted, else where it may be; TALLY_CELLS: nowhere. */
static size_t find(const struct tally *tally, uint64_t key)
{
	size_t free = TALLY_CELLS;

	for (size_t i = 0; i < REACH; i++) {
		size_t at = (key + i) & (TALLY_CELLS - 1);
		uint64_t cell = atomic_load(&tally->cells[at]);

		if (counts(cell, key))
			return at;
		if (free == TALLY_CELLS && count_of(cell) == 0)
			free = at;
		if (cell == NEVER_USED)
			break;
	}
	return free;
}

bool tally_add(struct tally *tally, uint64_t key)
{
	size_t at = find(tally, key);

	if (at == TALLY_CELLS)
		return false;
	uint64_t cell = atomic_load(&tally->cells[at]);

	if (count_of(cell) == 0)
		cell = label_of(key);
	if (count_of(cell) == COUNT_MOST)
		return false;
	atomic_store(&tally->cells[at], cell + 1);
	return true;
}

void tally_drop(struct tally *tally, uint64_t key)
{
	size_t at = find(tally, key);
	uint64_t cell =
	    at == TALLY_CELLS ? NEVER_USED : atomic_load(&tally->cells[at]);

	assert(counts(cell, key));
	if (counts(cell, key))
		atomic_store(&tally->cells[at], cell - 1);
}

/* Reads each cell once: between two looks it may have changed hands. */
uint64_t tally_count(const struct tally *tally, uint64_t key)
{
	for (size_t i = 0; i < REACH; i++) {
		size_t at = (key + i) & (TALLY_CELLS - 1);
		uint64_t cell = atomic_load(&tally->cells[at]);

		if (counts(cell, key))
			return count_of(cell);
		if (cell == NEVER_USED)
			break;
	}
	return 0;
}

void tally_clear(struct tally *tally)
{
	for (size_t i = 0; i < TALLY_CELLS; i++)
		atomic_store_explicit(&tally->cells[i], NEVER_USED,
		                      memory_order_relaxed);
}
