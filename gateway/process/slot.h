/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The place of one worker, as the master sees it: forks who stands in it,
 * talks with it, sees whether it lives and turns, and buries it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <uv.h>

#include "base/archive.h"
#include "base/attribute.h"
#include "base/shared.h"
#include "base/slice.h"
#include "process/channel.h"

/* What all places of a master share. */
struct slot_room {
	uv_loop_t *loop;
	struct shared *shared;
	unsigned last_number; /* of a worker; never used again */
	struct archive *archive;
	/* What workers tell about who is connected. */
	void (*on_told)(void *owner, const struct channel_message *message);
	void *owner;
};

struct slot {
	struct slot_room *room;
	size_t index;
	void (*on_word)(void *owner, struct slot *slot,
	                const struct channel_message *message);
	void *owner;
	pid_t pid;       /* 0: nobody */
	unsigned number; /* of the worker */
	size_t row;      /* of the shared area, while there is a worker */
	bool is_ready;
	int channel; /* -1: nobody */
	uv_poll_t poll;
	bool is_polled; /* its handle is not closed yet */
	uint64_t forked_ms;
	uint64_t due_ms;       /* when to fork the next */
	unsigned early_deaths; /* in a row */
	uint64_t heartbeat;    /* as seen at the last look */
	unsigned silent_looks;
	unsigned asked; /* renewals it was asked for, */
	unsigned done;  /* and those it has answered; */
	bool is_unable; /* it could not prepare one */
};

#define SLOT_NEVER UINT64_MAX

/* Of a zeroed slot `room`, `index`, `on_word` and `owner` are set. */
void slot_init(struct slot *slot);

/* In how many ms a worker is due here; SLOT_NEVER: there is one. */
uint64_t slot_due_in_ms(const struct slot *slot);

/*
 * Forks. In the master it gives -1, whether it could or not. In the worker it
 * gives the worker's end of the channel.
 */
int slot_fork(struct slot *slot);

/* False: there is nobody, or it does not listen. */
bool slot_say(struct slot *slot, enum channel_word word, struct slice body);

/*
 * The worker has ended, with `status` of waitpid. If nobody expected it, it is
 * logged and counted, and the next worker planned.
 */
void slot_bury(struct slot *slot, int status, bool is_expected);

/* To be called every second: a worker whose loop does not turn is killed. */
void slot_look(struct slot *slot);

void slot_kill(const struct slot *slot, int signal);

/* Begins to close its handle and channel; in a worker, before its loop. */
void slot_forget(struct slot *slot);
