/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Of the shared area: what is counted by the name of a route or a server.
 */
#include <assert.h>

#include "base/shared.h"
#include "base/shared_area.h"
#include "base/slice.h"

static uint64_t key_of(const struct shared *shared,
                       const struct shared_name *name)
{
	const char *scope = name->scope ? name->scope : "";
	uint64_t parts[] = {
		hash_slice(&shared->seed, slice_from_text(name->text)),
		hash_slice(&shared->seed, slice_from_text(scope)),
	};
	uint64_t key =
	    hash_slice(&shared->seed,
	               (struct slice){ (const uint8_t *)parts, sizeof parts });

	return key == 0 ? 1 : key;
}

/* A number is used again: what it stood for before is no more. */
static void begin(struct shared *shared, enum shared_sort_of_name sort,
                  size_t number)
{
	if (sort == SHARED_SERVERS) {
		shared_set_reach(shared, number, SHARED_REACH_UNKNOWN);
		return;
	}
	for (int i = 0; i < DENIALS; i++)
		atomic_store(&shared->denied[number][i], 0);
	atomic_store(&shared->opened[number], 0);
}

bool shared_hold_name(struct shared *shared, const struct shared_name *name)
{
	bool is_new;
	size_t number = roll_hold(&shared->rolls[name->sort],
	                          key_of(shared, name), &is_new);

	if (number == ROLL_NOWHERE)
		return false;
	if (is_new)
		begin(shared, name->sort, number);
	return true;
}

void shared_release_name(struct shared *shared, const struct shared_name *name)
{
	roll_release(&shared->rolls[name->sort], key_of(shared, name));
}

static size_t number_of(const struct shared *shared,
                        const struct shared_name *name)
{
	size_t number =
	    roll_find(&shared->rolls[name->sort], key_of(shared, name));

	assert(number != ROLL_NOWHERE);
	return number;
}

size_t shared_route(const struct shared *shared, const char *path)
{
	return number_of(shared, &(struct shared_name){ .sort = SHARED_ROUTES,
	                                                .text = path });
}

size_t shared_server(const struct shared *shared, const char *upstream,
                     const char *url)
{
	return number_of(shared, &(struct shared_name){ .sort = SHARED_SERVERS,
	                                                .text = url,
	                                                .scope = upstream });
}

void shared_set_reach(struct shared *shared, size_t server,
                      enum shared_reach reach)
{
	assert(server < ROLL_NAMES);
	atomic_store(&shared->reach[server], (int)reach);
}

enum shared_reach shared_reach(const struct shared *shared, size_t server)
{
	assert(server < ROLL_NAMES);
	return (enum shared_reach)atomic_load(&shared->reach[server]);
}

void shared_count_denied(struct shared *shared, size_t route,
                         enum denial denial)
{
	assert(route < ROLL_NAMES);
	atomic_fetch_add_explicit(&shared->denied[route][denial], 1,
	                          memory_order_relaxed);
}

uint64_t shared_denied(const struct shared *shared, size_t route,
                       enum denial denial)
{
	assert(route < ROLL_NAMES);
	return atomic_load_explicit(&shared->denied[route][denial],
	                            memory_order_relaxed);
}

void shared_count_opened(struct shared *shared, size_t route)
{
	assert(route < ROLL_NAMES);
	atomic_fetch_add_explicit(&shared->opened[route], 1,
	                          memory_order_relaxed);
}

uint64_t shared_opened(const struct shared *shared, size_t route)
{
	assert(route < ROLL_NAMES);
	return atomic_load_explicit(&shared->opened[route],
	                            memory_order_relaxed);
}

void shared_set_sessions(struct shared_row *row, size_t route, uint32_t count)
{
	assert(route < ROLL_NAMES);
	atomic_store_explicit(&row->sessions[route], count,
	                      memory_order_relaxed);
}

uint32_t shared_get_sessions(const struct shared_row *row, size_t route)
{
	assert(route < ROLL_NAMES);
	return atomic_load_explicit(&row->sessions[route],
	                            memory_order_relaxed);
}

uint64_t shared_sum_sessions(const struct shared *shared, size_t route)
{
	size_t rows = atomic_load(&shared->rows_used);
	uint64_t sum = 0;

	for (size_t i = 0; i < rows; i++)
		sum += shared_get_sessions(&shared->rows[i], route);
	return sum;
}
