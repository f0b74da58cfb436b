/* SPDX-License-Identifier: Apache-2.0 */
#include "base/shared.h"

#include <assert.h>
#include <stdatomic.h>
#include <sys/mman.h>

struct shared_row {
	_Atomic uint64_t counters[SHARED_COUNTERS];
	_Atomic uint64_t gauges[SHARED_GAUGES];
};

struct shared {
	size_t bytes; /* of the whole mapping */
	size_t row_count;
	size_t server_count;
	_Atomic uint64_t restarts;
	_Atomic bool draining;
	_Atomic int *reach; /* behind the rows, one for each server */
	struct shared_row rows[];
};

struct shared *shared_create(size_t rows, size_t servers)
{
	size_t reach_at =
	    sizeof(struct shared) + rows * sizeof(struct shared_row);
	size_t bytes = reach_at + servers * sizeof(_Atomic int);
	void *map = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
	                 MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (map == MAP_FAILED)
		return NULL;
	struct shared *shared = map;

	shared->bytes = bytes;
	shared->row_count = rows;
	shared->server_count = servers;
	shared->reach = (_Atomic int *)(void *)((char *)map + reach_at);
	return shared;
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

void shared_clear_gauges(struct shared_row *row)
{
	for (int i = 0; i < SHARED_GAUGES; i++)
		shared_set(row, (enum shared_gauge)i, 0);
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
