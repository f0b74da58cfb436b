/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A worker: one event loop with all that serves browsers on it. It is made
 * after the fork, lives with one configuration, and ends when it has drained
 * or when the master is gone.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/shared.h"
#include "process/snapshot.h"
#include "process/sockets.h"

struct worker_setup {
	const struct snapshot *snapshot;
	const struct sockets_set *set; /* those of its slot are its own */
	struct shared *shared;
	struct archive *archive;
	size_t slot;     /* of its sockets */
	size_t row;      /* of the shared area */
	unsigned number; /* counts up, never used again */
	int channel;     /* to the master; its own */
};

/* Runs until the end; gives the exit code of the process. */
int worker_run(const struct worker_setup *setup);
