/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The workers of one configuration, as the master sees them: lets them go
 * when all are ready, replaces one that dies or hangs, and keeps those that
 * still have sessions when another configuration has taken over.
 *
 *   STARTING   not all workers have been ready yet; none accepts
 *   SERVING    they accept; who dies is replaced
 *   RETIRED    they accept no more and end when their sessions have
 *   DRAINING   they have been told to end
 *   FAILED     a worker did not start: see the log
 *
 * Forking is done at the top of the master's loop only, so that a worker
 * starts on a bare stack and with none of the master's handles.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include "base/attribute.h"
#include "process/slot.h"
#include "process/snapshot.h"
#include "process/sockets.h"
#include "process/worker.h"
#include "session/dismissal.h"

enum generation_state {
	GENERATION_STARTING = 0,
	GENERATION_SERVING,
	GENERATION_RETIRED,
	GENERATION_DRAINING,
	GENERATION_FAILED,
};

enum generation_renewal {
	GENERATION_WAITING = 0, /* for an answer of a worker */
	GENERATION_PREPARED,
	GENERATION_UNABLE,
};

struct generation {
	struct generation *next; /* older; the owner's list */
	struct slot_room *room;
	struct snapshot *snapshot; /* owned */
	struct sockets *sockets;
	struct sockets_set set;
	enum generation_state state;
	unsigned number;   /* counts up */
	time_t since;      /* it was made, for people */
	bool is_ending;    /* its last sessions have been told to end */
	unsigned renewals; /* it was asked for, of the present round */
	size_t slot_count;
	struct slot slots[];
};

/*
 * Opens the sockets and takes `snapshot`; borrows the rest for its life. NULL,
 * with a log line: the snapshot is still the caller's.
 */
struct generation *generation_create(struct slot_room *room,
                                     struct sockets *sockets,
                                     struct snapshot *snapshot,
                                     unsigned number);

/* When nothing is left of it (generation_is_over). */
void generation_destroy(struct generation *generation);

/* In a worker: the memory alone. */
void generation_free(struct generation *generation);

/* No worker is left, nor a handle on the loop. */
bool generation_is_over(const struct generation *generation);

/* In how many ms a worker is due to be forked; SLOT_NEVER: none is. */
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

/* Tells all that listen; gives how many do. */
size_t generation_say(struct generation *generation, enum channel_word word,
                      struct slice body);

/*
 * Another one accepts: these do no more, and sessions that `dismissal` names
 * end. To be called again when the next one has taken over.
 */
void generation_retire(struct generation *generation,
                       const struct dismissal *dismissal);

/* Tells all workers to end in good order; the second time: at once. */
void generation_drain(struct generation *generation);
void generation_kill(struct generation *generation);

/* Asks all workers to prepare a certificate; may be asked several times. */
void generation_renew(struct generation *generation,
                      const struct channel_renewal *renewal);
enum generation_renewal
generation_renewal_state(const struct generation *generation);
/* All show what they have prepared, or none does. */
void generation_end_renewal(struct generation *generation, bool is_adopted);

/* How many workers there are, and what they have of `gauge`. */
size_t generation_alive(const struct generation *generation);
uint64_t generation_sum(const struct generation *generation,
                        enum shared_gauge gauge);
