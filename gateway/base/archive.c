/* SPDX-License-Identifier: Apache-2.0 */
#include "base/archive.h"

#include <assert.h>
#include <errno.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>

#include "base/failure.h"

#define WORDS (sizeof(struct record_packed) / sizeof(uint64_t))
#define TRIES 8 /* cells that others write at this moment, or died over */

_Static_assert(sizeof(struct record_packed) % sizeof(uint64_t) == 0, "words");

/*
 * What is in a cell: its ticket, and in the two bits below it which version,
 * and whether that is being written. No two states of a cell are the same.
 */
#define STATE_WRITING UINT64_C(1)
#define STATE_AMENDED UINT64_C(2)
#define STATE_BITS 2

struct cell {
	_Atomic uint64_t state; /* 0: never written */
	_Atomic uint64_t words[WORDS];
};

struct archive {
	_Atomic uint64_t tickets; /* given out; the first is 1 */
	struct cell cells[ARCHIVE_CELLS];
};

struct archive *archive_create(void)
{
	void *map = mmap(NULL, sizeof(struct archive), PROT_READ | PROT_WRITE,
	                 MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (map != MAP_FAILED)
		return map;
	failure_of("mmap", errno);
	return NULL;
}

void archive_destroy(struct archive *archive)
{
	if (archive)
		munmap(archive, sizeof *archive);
}

static struct cell *cell_of(struct archive *archive, uint64_t ticket)
{
	return &archive->cells[ticket % ARCHIVE_CELLS];
}

/* From the state that it is in to the one that it has in the end. */
static bool write_cell(struct cell *cell, uint64_t from, uint64_t to,
                       const struct record_packed *record)
{
	uint64_t words[WORDS];

	if (!atomic_compare_exchange_strong(&cell->state, &from,
	                                    to | STATE_WRITING))
		return false;
	memcpy(words, record, sizeof words);
	atomic_thread_fence(memory_order_release);
	for (size_t i = 0; i < WORDS; i++)
		atomic_store_explicit(&cell->words[i], words[i],
		                      memory_order_relaxed);
	atomic_store_explicit(&cell->state, to, memory_order_release);
	return true;
}

/* Takes the cell of the next ticket, if nobody is at it. */
static uint64_t add(struct archive *archive, const struct record_packed *record)
{
	uint64_t ticket = atomic_fetch_add(&archive->tickets, 1) + 1;
	struct cell *cell = cell_of(archive, ticket);
	uint64_t state = atomic_load(&cell->state);

	if ((state & STATE_WRITING) != 0 ||
	    !write_cell(cell, state, ticket << STATE_BITS, record))
		return 0;
	return ticket;
}

uint64_t archive_add(struct archive *archive,
                     const struct record_packed *record)
{
	uint64_t ticket = 0;

	for (int i = 0; archive && ticket == 0 && i < TRIES; i++)
		ticket = add(archive, record);
	return ticket;
}

void archive_amend(struct archive *archive, uint64_t ticket,
                   const struct record_packed *record)
{
	uint64_t state = ticket << STATE_BITS;

	if (!archive)
		return;
	if (ticket == 0 || !write_cell(cell_of(archive, ticket), state,
	                               state | STATE_AMENDED, record))
		(void)archive_add(archive, record);
}

/* Copies what is in `cell`, and gives its state; 0: nothing whole. */
static uint64_t read_cell(const struct cell *cell, struct record_packed *out)
{
	uint64_t words[WORDS];
	uint64_t state =
	    atomic_load_explicit(&cell->state, memory_order_acquire);

	if ((state & STATE_WRITING) != 0)
		return 0;
	for (size_t i = 0; i < WORDS; i++)
		words[i] =
		    atomic_load_explicit(&cell->words[i], memory_order_relaxed);
	atomic_thread_fence(memory_order_acquire);
	if (atomic_load_explicit(&cell->state, memory_order_relaxed) != state)
		return 0;
	memcpy(out, words, sizeof words);
	return state;
}

bool archive_read(const struct archive *archive, size_t cell,
                  struct record_packed *out)
{
	assert(cell < ARCHIVE_CELLS);
	return read_cell(&archive->cells[cell], out) != 0;
}

static void bury(struct cell *cell, unsigned worker, uint64_t now_ms)
{
	struct record_packed record;
	uint64_t state = read_cell(cell, &record);

	if (state == 0 || record.worker != worker || record.until_ms != 0)
		return;
	record.until_ms = now_ms;
	record.reason = CLOSE_NONE;
	(void)write_cell(cell, state, state | STATE_AMENDED, &record);
}

void archive_bury(struct archive *archive, unsigned worker, uint64_t now_ms)
{
	for (size_t i = 0; archive && i < ARCHIVE_CELLS; i++)
		bury(&archive->cells[i], worker, now_ms);
}
