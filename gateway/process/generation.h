/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The workers of one configuration, as the master sees them: forks them,
 * lets them go when all are ready, replaces one that dies or hangs.
 *
 * Forking is done at the top of the master's loop only, so that a worker
 * starts on a bare stack and with none of the master's handles.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <uv.h>

#include "base/attribute.h"
#include "base/shared.h"
#include "process/snapshot.h"
#include "process/sockets.h"
#include "process/worker.h"

enum generation_state {
	GENERATION_STARTING = 0, /* not all workers have been ready yet */
	GENERATION_SERVING,
	GENERATION_DRAINING,
	GENERATION_FAILED, /* a worker did not start: see the log */
};

struct generation;

/* Borrows all for its life. NULL: no memory. */
struct generation *generation_create(uv_loop_t *loop,
                                     const struct snapshot *snapshot,
                                     struct sockets *sockets,
                                     struct shared *shared, size_t workers);

/* Once no worker is left; the loop has to run its handles out. */
void generation_destroy(struct generation *generation);

enum generation_state generation_state(const struct generation *generation);

#define GENERATION_NEVER UINT64_MAX

/* In how many ms a worker is due to be forked; 0: now. */
uint64_t generation_fork_in_ms(const struct generation *generation);

/*
 * Forks the worker that is due. In the master it gives false. In the worker
 * it gives true and sets `setup`, for worker_run: the master's handles are
 * still there, to be closed by the caller.
 */
bool generation_fork(struct generation *generation,
                     struct worker_setup *setup) MUST_CHECK;

/* Begins to close the handles and channels; in a worker, before its loop. */
void generation_forget(struct generation *generation);

/* A child has ended; true when it was one of these. */
bool generation_reap(struct generation *generation, pid_t pid, int status);

/* To be called every second: finds workers whose loop does not turn. */
void generation_look(struct generation *generation);

/* Tells all workers to end in good order; the second time: at once. */
void generation_drain(struct generation *generation);
void generation_kill(struct generation *generation);

/* How many workers there are. */
size_t generation_alive(const struct generation *generation);
