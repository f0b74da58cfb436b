/* SPDX-License-Identifier: Apache-2.0 */
#include "base/shared.h"

#include <assert.h>
#include <errno.h>
#include <sys/mman.h>
#include <time.h>

#include "base/failure.h"
#include "base/shared_area.h"

struct shared *shared_create(size_t rows)
{
	size_t bytes = sizeof(struct shared) + rows * sizeof(struct shared_row);
	void *map = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
	                 MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (map == MAP_FAILED) {
		failure_of("mmap", errno);
		return NULL;
	}
	struct shared *shared = map;

	madvise(map, bytes, MADV_DONTDUMP);
	shared->bytes = bytes;
	shared->row_count = rows;
	shared->began_s = (uint64_t)time(NULL);
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

size_t shared_claim_row(struct shared *shared)
{
	for (size_t i = 0; i < shared->row_count; i++) {
		if (atomic_load(&shared->rows[i].is_claimed))
			continue;
		atomic_store(&shared->rows[i].is_claimed, true);
		if (i >= atomic_load(&shared->rows_used))
			atomic_store(&shared->rows_used, i + 1);
		return i;
	}
	return SHARED_NO_ROW;
}

void shared_release_row(struct shared *shared, size_t index)
{
	shared_clear_row(shared_row(shared, index));
	atomic_store(&shared->rows[index].is_claimed, false);
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

void shared_count_begin(struct shared_row *row, enum shared_counter counter,
                        bool *was, bool is)
{
	if (is && !*was)
		shared_count(row, counter, 1);
	*was = is;
}

void shared_set(struct shared_row *row, enum shared_gauge gauge, uint64_t value)
{
	atomic_store_explicit(&row->gauges[gauge], value, memory_order_relaxed);
}

uint64_t shared_get(const struct shared_row *row, enum shared_gauge gauge)
{
	return atomic_load_explicit(&row->gauges[gauge], memory_order_relaxed);
}

/* Pages given back read as zeros: an empty tally that costs no memory. */
static void clear_places(struct tally *places)
{
	if (madvise(places, sizeof *places, MADV_REMOVE) != 0)
		tally_clear(places);
}

void shared_clear_row(struct shared_row *row)
{
	for (int i = 0; i < SHARED_GAUGES; i++)
		shared_set(row, (enum shared_gauge)i, 0);
	for (size_t i = 0; i < ROLL_NAMES; i++)
		shared_set_sessions(row, i, 0);
	clear_places(&row->places);
}

size_t shared_owners(const struct shared *shared)
{
	size_t rows = atomic_load(&shared->rows_used);
	size_t owners = 0;

	for (size_t i = 0; i < rows; i++)
		owners += atomic_load(&shared->rows[i].is_claimed) ? 1 : 0;
	return owners;
}

uint64_t shared_began_s(const struct shared *shared)
{
	return shared->began_s;
}

uint64_t shared_sum_counter(const struct shared *shared,
                            enum shared_counter counter)
{
	size_t rows = atomic_load(&shared->rows_used);
	uint64_t sum = 0;

	for (size_t i = 0; i < rows; i++)
		sum += atomic_load_explicit(&shared->rows[i].counters[counter],
		                            memory_order_relaxed);
	return sum;
}

uint64_t shared_sum_gauge(const struct shared *shared, enum shared_gauge gauge)
{
	size_t rows = atomic_load(&shared->rows_used);
	uint64_t sum = 0;

	for (size_t i = 0; i < rows; i++)
		sum += shared_get(&shared->rows[i], gauge);
	return sum;
}

uint64_t shared_least_sessions(const struct shared *shared)
{
	size_t rows = atomic_load(&shared->rows_used);
	uint64_t least = UINT64_MAX;

	for (size_t i = 0; i < rows; i++) {
		const struct shared_row *row = &shared->rows[i];
		uint64_t sessions = shared_get(row, SHARED_SESSIONS);

		if (shared_get(row, SHARED_IS_ACCEPTING) != 0 &&
		    sessions < least)
			least = sessions;
	}
	return least == UINT64_MAX ? 0 : least;
}

void shared_count_deed(struct shared *shared, enum shared_deed deed)
{
	atomic_fetch_add(&shared->deeds[deed], 1);
}

uint64_t shared_deeds(const struct shared *shared, enum shared_deed deed)
{
	return atomic_load(&shared->deeds[deed]);
}

void shared_set_draining(struct shared *shared)
{
	atomic_store(&shared->draining, true);
}

bool shared_is_draining(const struct shared *shared)
{
	return atomic_load(&shared->draining);
}

struct ticket_keys *shared_ticket_keys(struct shared *shared)
{
	return &shared->ticket_keys;
}
