/* SPDX-License-Identifier: Apache-2.0 */
#include "page/ask.h"

#include <stdlib.h>
#include <string.h>

struct ask *asks_add(struct asks *asks, struct slice id, uint64_t due_ms)
{
	struct ask *ask = calloc(1, sizeof *ask + id.len);
	uint64_t number = ++asks->numbers;

	if (!ask)
		return NULL;
	for (size_t i = 0; i < sizeof ask->correlation; i++) {
		ask->correlation[sizeof ask->correlation - 1 - i] =
		    (uint8_t)number;
		number >>= 8;
	}
	if (id.len > 0)
		memcpy(ask->bytes, id.data, id.len);
	ask->id = (struct slice){ ask->bytes, id.len };
	ask->due_ms = due_ms;
	ask->next = asks->first;
	asks->first = ask;
	asks->count++;
	return ask;
}

struct ask *asks_find_correlation(const struct asks *asks,
                                  struct slice correlation)
{
	struct ask *ask = asks->first;

	while (ask && !slice_equals(correlation,
	                            (struct slice){ ask->correlation,
	                                            sizeof ask->correlation }))
		ask = ask->next;
	return ask;
}

struct ask *asks_find_number(const struct asks *asks, uint64_t number)
{
	struct ask *ask = asks->first;

	while (ask && ask->number != number)
		ask = ask->next;
	return ask;
}

struct ask *asks_find_due(const struct asks *asks, uint64_t now_ms)
{
	struct ask *ask = asks->first;

	while (ask && ask->due_ms > now_ms)
		ask = ask->next;
	return ask;
}

void asks_drop(struct asks *asks, struct ask *ask)
{
	struct ask **at = &asks->first;

	while (*at != ask)
		at = &(*at)->next;
	*at = ask->next;
	asks->count--;
	free(ask);
}

void asks_finish(struct asks *asks)
{
	while (asks->first)
		asks_drop(asks, asks->first);
}

uint64_t asks_due_ms(const struct asks *asks)
{
	uint64_t due = 0;

	for (const struct ask *ask = asks->first; ask; ask = ask->next) {
		if (due == 0 || ask->due_ms < due)
			due = ask->due_ms;
	}
	return due;
}
