/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Of the shared area: places and paces, the limits over all workers.
 */
#include <string.h>

#include "base/shared.h"
#include "base/shared_area.h"
#include "base/slice.h"

#define PACE_BITS 16
#define TRIES_FOR_A_PLACE 16

static uint64_t hash_text(const struct shared *shared, const char *text)
{
	return hash_slice(&shared->seed, slice_from_text(text));
}

uint64_t shared_key(const struct shared *shared, enum shared_sort sort,
                    const char *scope, const struct remote *remote)
{
	struct {
		uint64_t sort;
		uint64_t scope;
		uint64_t kind;
		uint8_t octets[REMOTE_OCTETS];
	} parts = { .sort = sort, .scope = hash_text(shared, scope) };

	if (remote) {
		parts.kind = remote->kind;
		memcpy(parts.octets, remote->octets, sizeof parts.octets);
	}
	uint64_t key =
	    hash_slice(&shared->seed,
	               (struct slice){ (const uint8_t *)&parts, sizeof parts });

	return key == 0 ? 1 : key;
}

uint64_t shared_places(const struct shared *shared, uint64_t key)
{
	size_t rows = atomic_load(&shared->rows_used);
	uint64_t sum = 0;

	for (size_t i = 0; i < rows; i++) {
		if (!atomic_load(&shared->rows[i].is_claimed))
			continue;
		sum += tally_count(&shared->rows[i].places, key);
	}
	return sum;
}

/*
 * Takes first and looks then, and takes back what is too much. Two that take
 * the last place at once both take it back; whoever does so last finds it
 * free again.
 */
enum shared_answer shared_take_place(struct shared *shared,
                                     struct shared_row *row, uint64_t key,
                                     uint64_t most)
{
	for (int i = 0; i < TRIES_FOR_A_PLACE; i++) {
		if (shared_places(shared, key) >= most)
			return SHARED_LIMIT_REACHED;
		if (!tally_add(&row->places, key))
			return SHARED_ROW_FULL;
		if (shared_places(shared, key) <= most)
			return SHARED_GRANTED;
		tally_drop(&row->places, key);
	}
	return SHARED_LIMIT_REACHED;
}

void shared_give_place(struct shared_row *row, uint64_t key)
{
	tally_drop(&row->places, key);
}

bool shared_keeps_pace(struct shared *shared, uint64_t key, uint64_t now_ms,
                       uint32_t per_s)
{
	struct pace *one = &shared->paces[key % SHARED_PACES];
	struct pace *other = &shared->paces[(key >> PACE_BITS) % SHARED_PACES];

	return pace_take(one, other, now_ms, per_s);
}

bool shared_reserve(struct shared *shared, uint64_t key,
                    const struct pace_limit *limit, uint64_t now_ms,
                    uint64_t most_ms, uint64_t *wait_ms)
{
	struct pace *turn = &shared->turns[key % SHARED_PACES];

	return pace_reserve(turn, turn, limit, now_ms, most_ms, wait_ms);
}

void shared_give_back(struct shared *shared, uint64_t key, uint64_t step_ns)
{
	pace_give_back(&shared->turns[key % SHARED_PACES], step_ns);
}

struct takeovers *shared_takeovers(struct shared *shared)
{
	return &shared->takeovers;
}
