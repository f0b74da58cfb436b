/* SPDX-License-Identifier: Apache-2.0 */
#include "base/shared.h"

#include <assert.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>

#include "base/hash.h"
#include "base/pace.h"
#include "base/slice.h"
#include "base/tally.h"

#define PACES 65536 /* more than addresses that come fast at a time */
#define PACE_BITS 16
#define TRIES_FOR_A_PLACE 16

struct shared_row {
	_Atomic uint64_t counters[SHARED_COUNTERS];
	_Atomic uint64_t gauges[SHARED_GAUGES];
	struct tally places;
};

struct shared {
	size_t bytes; /* of the whole mapping */
	size_t row_count;
	size_t server_count;
	size_t route_count;
	_Atomic uint64_t restarts;
	_Atomic bool draining;
	_Atomic uint64_t (*denied)[DENIALS]; /* behind the rows, by route */
	_Atomic int *reach;                  /* then, by server */
	struct hash_seed seed;
	struct pace paces[PACES];
	struct shared_row rows[];
};

struct shared *shared_create(const struct shared_sizes *sizes)
{
	size_t denied_at =
	    sizeof(struct shared) + sizes->rows * sizeof(struct shared_row);
	size_t reach_at =
	    denied_at + sizes->routes * sizeof(_Atomic uint64_t[DENIALS]);
	size_t bytes = reach_at + sizes->servers * sizeof(_Atomic int);
	void *map = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
	                 MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (map == MAP_FAILED)
		return NULL;
	struct shared *shared = map;

	shared->bytes = bytes;
	shared->row_count = sizes->rows;
	shared->server_count = sizes->servers;
	shared->route_count = sizes->routes;
	shared->denied = (void *)((char *)map + denied_at);
	shared->reach = (void *)((char *)map + reach_at);
	if (hash_seed_init(&shared->seed))
		return shared;
	shared_destroy(shared);
	return NULL;
}

void shared_destroy(struct shared *shared)
{
	if (shared)
		munmap(shared, shared->bytes);
}

struct shared_row *shared_row(struct shared *shared, size_t index)
{
	assert(index < shared->row_count);
	return &shared->rows[index];
}

/* One writer a row, so a plain load and store cost no locked instruction. */
void shared_count(struct shared_row *row, enum shared_counter counter,
                  uint64_t by)
{
	_Atomic uint64_t *cell = &row->counters[counter];
	uint64_t sum = atomic_load_explicit(cell, memory_order_relaxed) + by;

	atomic_store_explicit(cell, sum, memory_order_relaxed);
}

void shared_set(struct shared_row *row, enum shared_gauge gauge, uint64_t value)
{
	atomic_store_explicit(&row->gauges[gauge], value, memory_order_relaxed);
}

uint64_t shared_get(const struct shared_row *row, enum shared_gauge gauge)
{
	return atomic_load_explicit(&row->gauges[gauge], memory_order_relaxed);
}

void shared_clear_row(struct shared_row *row)
{
	for (int i = 0; i < SHARED_GAUGES; i++)
		shared_set(row, (enum shared_gauge)i, 0);
	tally_clear(&row->places);
}

uint64_t shared_sum_counter(const struct shared *shared,
                            enum shared_counter counter)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < shared->row_count; i++)
		sum += atomic_load_explicit(&shared->rows[i].counters[counter],
		                            memory_order_relaxed);
	return sum;
}

uint64_t shared_sum_gauge(const struct shared *shared, enum shared_gauge gauge)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < shared->row_count; i++)
		sum += shared_get(&shared->rows[i], gauge);
	return sum;
}

uint64_t shared_least_sessions(const struct shared *shared)
{
	uint64_t least = UINT64_MAX;

	for (size_t i = 0; i < shared->row_count; i++) {
		const struct shared_row *row = &shared->rows[i];
		uint64_t sessions = shared_get(row, SHARED_SESSIONS);

		if (shared_get(row, SHARED_IS_ACCEPTING) != 0 &&
		    sessions < least)
			least = sessions;
	}
	return least == UINT64_MAX ? 0 : least;
}

void shared_set_reach(struct shared *shared, size_t server,
                      enum shared_reach reach)
{
	assert(server < shared->server_count);
	atomic_store(&shared->reach[server], (int)reach);
}

enum shared_reach shared_reach(const struct shared *shared, size_t server)
{
	assert(server < shared->server_count);
	return (enum shared_reach)atomic_load(&shared->reach[server]);
}

void shared_count_denied(struct shared *shared, size_t route,
                         enum denial denial)
{
	assert(route < shared->route_count);
	atomic_fetch_add_explicit(&shared->denied[route][denial], 1,
	                          memory_order_relaxed);
}

uint64_t shared_denied(const struct shared *shared, size_t route,
                       enum denial denial)
{
	assert(route < shared->route_count);
	return atomic_load_explicit(&shared->denied[route][denial],
	                            memory_order_relaxed);
}

void shared_count_restart(struct shared *shared)
{
	atomic_fetch_add(&shared->restarts, 1);
}

uint64_t shared_restarts(const struct shared *shared)
{
	return atomic_load(&shared->restarts);
}

void shared_set_draining(struct shared *shared)
{
	atomic_store(&shared->draining, true);
}

bool shared_is_draining(const struct shared *shared)
{
	return atomic_load(&shared->draining);
}

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
	uint64_t sum = 0;

	for (size_t i = 0; i < shared->row_count; i++)
		sum += tally_count(&shared->rows[i].places, key);
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
	struct pace *one = &shared->paces[key % PACES];
	struct pace *other = &shared->paces[(key >> PACE_BITS) % PACES];

	return pace_take(one, other, now_ms, per_s);
}
