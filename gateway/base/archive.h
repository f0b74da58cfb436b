/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The last connections to brokers, of all workers: a ring of records in
 * memory that all processes share.
 *
 * A record goes in when its connection opens, and its end is added to it; the
 * oldest give way. So what a worker had open is still known when it has died.
 * Any worker writes, without a lock; a record that is being written, or whose
 * writer died meanwhile, is never read. Memory is touched as it is used.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attribute.h"
#include "base/record.h"

#define ARCHIVE_CELLS 16384 /* 8 MiB */

struct archive;

/* By the master, before it forks. NULL: the system gives none. */
struct archive *archive_create(void);
void archive_destroy(struct archive *archive);

/*
 * Puts a record in; the ticket is for archive_amend. All that write accept
 * NULL for `archive`, and do nothing.
 */
uint64_t archive_add(struct archive *archive,
                     const struct record_packed *record);

/* In place of what was put in with `ticket`, or anew if that gave way. */
void archive_amend(struct archive *archive, uint64_t ticket,
                   const struct record_packed *record);

/*
 * By the master, after waitpid: what `worker` had open ended with it, at
 * `now_ms` of the wall clock.
 */
void archive_bury(struct archive *archive, unsigned worker, uint64_t now_ms);

/* Copies what is in a cell; false: nothing whole. */
bool archive_read(const struct archive *archive, size_t cell,
                  struct record_packed *out) MUST_CHECK;
