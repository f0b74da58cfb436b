/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The generations of workers, one after the other: the one that serves, the
 * one that is to follow it, and the old ones whose sessions go on.
 *
 * The next one takes over when all its workers are ready; until then, and if
 * they never are, nothing changes for anybody.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/attribute.h"
#include "process/generation.h"

struct succession {
	struct slot_room room; /* loop and shared area are set by the owner */
	struct sockets sockets;
	struct generation *coming;  /* NULL: none */
	struct generation *current; /* NULL: not yet */
	struct generation *old;     /* the newest first */
	unsigned last_number;
	bool is_ending;
};

enum succession_step {
	SUCCESSION_NOTHING = 0,
	SUCCESSION_DONE,   /* the coming one is the current one now */
	SUCCESSION_FAILED, /* it came to nothing: see the log */
};

/*
 * Begins the next generation, with `snapshot`, which is taken. False, with a
 * log line: the snapshot is still the caller's.
 */
bool succession_begin(struct succession *succession,
                      struct snapshot *snapshot) MUST_CHECK;

/* After each turn of the loop: takes the step that is due. */
enum succession_step succession_step(struct succession *succession);

/* Every second: hung workers, and old generations that are too many. */
void succession_look(struct succession *succession);

/* See generation.h; over all of them. */
uint64_t succession_fork_in_ms(const struct succession *succession);
bool succession_fork(struct succession *succession,
                     struct worker_setup *setup) MUST_CHECK;
void succession_reap(struct succession *succession, pid_t pid, int status);
size_t succession_say(struct succession *succession, enum channel_word word,
                      struct slice body);

/* All are to end, in good order or at once; nobody follows. */
void succession_drain(struct succession *succession);
void succession_kill(struct succession *succession);

/* Whether no worker is left, nor a handle of theirs. */
bool succession_is_over(const struct succession *succession);

/* In a worker, before its loop: closes the handles; at its end: the memory. */
void succession_forget(struct succession *succession);
void succession_free(struct succession *succession);
