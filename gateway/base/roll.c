/* SPDX-License-Identifier: Apache-2.0 */
#include "base/roll.h"

#include <assert.h>

#define NOBODY 0

size_t roll_find(const struct roll *roll, uint64_t key)
{
	for (size_t i = 0; i < ROLL_NAMES; i++) {
		if (atomic_load_explicit(&roll->keys[i],
		                         memory_order_acquire) == key)
			return i;
	}
	return ROLL_NOWHERE;
}

size_t roll_hold(struct roll *roll, uint64_t key, bool *is_new)
{
	size_t number = roll_find(roll, key);

	*is_new = number == ROLL_NOWHERE;
	if (*is_new)
		number = roll_find(roll, NOBODY);
	if (number == ROLL_NOWHERE)
		return ROLL_NOWHERE;
	roll->holds[number]++;
	atomic_store_explicit(&roll->keys[number], key, memory_order_release);
	return number;
}

void roll_release(struct roll *roll, uint64_t key)
{
	size_t number = roll_find(roll, key);

	assert(number != ROLL_NOWHERE);
	if (number != ROLL_NOWHERE && --roll->holds[number] == 0)
		atomic_store_explicit(&roll->keys[number], NOBODY,
		                      memory_order_release);
}
