/* SPDX-License-Identifier: Apache-2.0 */
#include "process/generation.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "process/channel.h"

#define FAILED_STARTS_MAX 3 /* before the first ready: not worth trying on */
#define HUNG_LOOKS 10       /* seconds without a heartbeat */
#define BACK_OFF_MS 200     /* doubled for each early death in a row */
#define BACK_OFF_MAX_MS 10000
#define EARLY_MS 10000

/* The place of one worker and whoever stands in it. */
struct slot {
	struct generation *generation;
	size_t index;
	size_t row; /* of the shared area, while there is a process */
	pid_t pid;  /* 0: nobody */
	unsigned number;
	bool is_ready;
	int channel; /* -1: nobody */
	uv_poll_t poll;
	bool is_polled;
	uint64_t forked_ms;
	uint64_t due_ms; /* when to fork the next */
	unsigned early_deaths;
	uint64_t heartbeat; /* as seen at the last look */
	unsigned silent_looks;
};

struct generation {
	uv_loop_t *loop;
	const struct snapshot *snapshot;
	struct sockets *sockets;
	struct shared *shared;
	enum generation_state state;
	unsigned last_number;
	size_t slot_count;
	struct slot slots[];
};

struct generation *generation_create(uv_loop_t *loop,
                                     const struct snapshot *snapshot,
                                     struct sockets *sockets,
                                     struct shared *shared, size_t workers)
{
	struct generation *generation = calloc(
	    1, sizeof *generation + workers * sizeof generation->slots[0]);

	if (!generation)
		return NULL;
	generation->loop = loop;
	generation->snapshot = snapshot;
	generation->sockets = sockets;
	generation->shared = shared;
	generation->slot_count = workers;
	for (size_t i = 0; i < workers; i++) {
		generation->slots[i].generation = generation;
		generation->slots[i].index = i;
		generation->slots[i].channel = -1;
	}
	return generation;
}

void generation_destroy(struct generation *generation)
{
	free(generation);
}

enum generation_state generation_state(const struct generation *generation)
{
	return generation->state;
}

static uint64_t due_in_ms(const struct slot *slot)
{
	uint64_t now = uv_now(slot->generation->loop);

	/* A handle that is still closing is not to be used again. */
	if (slot->pid != 0 || slot->is_polled)
		return GENERATION_NEVER;
	return slot->due_ms > now ? slot->due_ms - now : 0;
}

/* The slot that is due first, of those that have nobody. */
static const struct slot *next_due(const struct generation *generation)
{
	const struct slot *next = &generation->slots[0];

	for (size_t i = 1; i < generation->slot_count; i++) {
		if (due_in_ms(&generation->slots[i]) < due_in_ms(next))
			next = &generation->slots[i];
	}
	return next;
}

uint64_t generation_fork_in_ms(const struct generation *generation)
{
	if (generation->state == GENERATION_DRAINING ||
	    generation->state == GENERATION_FAILED)
		return GENERATION_NEVER;
	return due_in_ms(next_due(generation));
}

static bool are_all_ready(const struct generation *generation)
{
	for (size_t i = 0; i < generation->slot_count; i++) {
		if (!generation->slots[i].is_ready)
			return false;
	}
	return true;
}

/* At the start all go together; a replacement goes when it is ready. */
static void on_ready(struct slot *slot)
{
	struct generation *generation = slot->generation;

	slot->is_ready = true;
	if (generation->state == GENERATION_SERVING) {
		channel_say(slot->channel, CHANNEL_GO);
		return;
	}
	if (generation->state != GENERATION_STARTING ||
	    !are_all_ready(generation))
		return;
	for (size_t i = 0; i < generation->slot_count; i++)
		channel_say(generation->slots[i].channel, CHANNEL_GO);
	generation->state = GENERATION_SERVING;
}

static void on_channel(uv_poll_t *poll, int status, int events)
{
	struct slot *slot = poll->data;

	(void)status;
	(void)events;
	switch (channel_hear(slot->channel)) {
	case CHANNEL_READY:
		on_ready(slot);
		break;
	case CHANNEL_END: /* the process will be reaped */
		uv_poll_stop(poll);
		break;
	case CHANNEL_NOTHING:
	case CHANNEL_GO:
	case CHANNEL_DRAIN:
		break;
	}
}

static void on_poll_closed(uv_handle_t *handle)
{
	struct slot *slot = handle->data;

	close(slot->channel);
	slot->channel = -1;
	slot->is_polled = false;
}

static void watch(struct slot *slot, int channel)
{
	slot->channel = channel;
	slot->is_polled = true;
	uv_poll_init(slot->generation->loop, &slot->poll, channel);
	slot->poll.data = slot;
	uv_poll_start(&slot->poll, UV_READABLE, on_channel);
}

static void put_off(struct slot *slot, uint64_t ms)
{
	slot->due_ms = uv_now(slot->generation->loop) + ms;
}

static void set_worker(const struct slot *slot, int channel,
                       struct worker_setup *setup)
{
	const struct generation *generation = slot->generation;

	*setup = (struct worker_setup){
		.snapshot = generation->snapshot,
		.sockets = generation->sockets,
		.shared = generation->shared,
		.slot = slot->index,
		.row = slot->row,
		.number = slot->number,
		.channel = channel,
	};
}

static void plan_next(struct slot *slot)
{
	uint64_t now = uv_now(slot->generation->loop);
	uint64_t wait_ms = 0;

	if (now - slot->forked_ms >= EARLY_MS)
		slot->early_deaths = 0;
	for (unsigned i = 0; i < slot->early_deaths; i++)
		wait_ms = wait_ms == 0 ? BACK_OFF_MS : wait_ms * 2;
	slot->early_deaths++;
	put_off(slot, wait_ms < BACK_OFF_MAX_MS ? wait_ms : BACK_OFF_MAX_MS);
	if (slot->generation->state == GENERATION_STARTING &&
	    slot->early_deaths >= FAILED_STARTS_MAX)
		slot->generation->state = GENERATION_FAILED;
}

/* What could not even be forked counts as a worker that died at once. */
static void fail_start(struct slot *slot, const char *what)
{
	log_error("cannot start a worker",
	          LOG_FIELDS(log_text("what", what),
	                     log_text("why", strerror(errno))));
	slot->forked_ms = uv_now(slot->generation->loop);
	plan_next(slot);
}

bool generation_fork(struct generation *generation, struct worker_setup *setup)
{
	struct slot *slot = &generation->slots[next_due(generation)->index];
	int ends[2];

	slot->row = shared_claim_row(generation->shared);
	if (slot->row == SHARED_NO_ROW) {
		errno = ENOSPC;
		fail_start(slot, "no row in the shared area");
		return false;
	}
	if (!channel_open(ends)) {
		fail_start(slot, "no channel");
		shared_release_row(generation->shared, slot->row);
		return false;
	}
	slot->number = ++generation->last_number;

	pid_t pid = fork();

	if (pid == 0) {
		close(ends[0]);
		set_worker(slot, ends[1], setup);
		return true;
	}
	close(ends[1]);
	if (pid < 0) {
		fail_start(slot, "no fork");
		shared_release_row(generation->shared, slot->row);
		close(ends[0]);
		return false;
	}
	slot->pid = pid;
	slot->forked_ms = uv_now(generation->loop);
	slot->silent_looks = 0;
	watch(slot, ends[0]);
	return false;
}

void generation_forget(struct generation *generation)
{
	for (size_t i = 0; i < generation->slot_count; i++) {
		struct slot *slot = &generation->slots[i];

		if (slot->is_polled &&
		    !uv_is_closing((uv_handle_t *)&slot->poll))
			uv_close((uv_handle_t *)&slot->poll, on_poll_closed);
	}
}

static void log_death(const struct slot *slot, int status)
{
	bool is_signal = WIFSIGNALED(status);

	log_error("worker died",
	          LOG_FIELDS(
	              log_number("worker", slot->number),
	              log_number("pid", (uint64_t)slot->pid),
	              log_text("by", is_signal ? "signal" : "exit"),
	              log_number("code",
	                         (uint64_t)(is_signal ? WTERMSIG(status)
	                                              : WEXITSTATUS(status)))));
}

static void bury(struct slot *slot, int status)
{
	struct generation *generation = slot->generation;

	shared_release_row(generation->shared, slot->row);
	uv_close((uv_handle_t *)&slot->poll, on_poll_closed);
	if (generation->state != GENERATION_DRAINING) {
		log_death(slot, status);
		plan_next(slot);
		shared_count_deed(generation->shared, SHARED_RESTARTS);
	}
	slot->pid = 0;
	slot->is_ready = false;
}

bool generation_reap(struct generation *generation, pid_t pid, int status)
{
	for (size_t i = 0; i < generation->slot_count; i++) {
		if (generation->slots[i].pid == pid) {
			bury(&generation->slots[i], status);
			return true;
		}
	}
	return false;
}

/* Looks are counted, not seconds: a machine that slept has hung nobody. */
static void look_at(struct slot *slot)
{
	if (slot->pid == 0)
		return;
	const struct shared_row *row =
	    shared_row(slot->generation->shared, slot->row);
	uint64_t heartbeat = shared_get(row, SHARED_HEARTBEAT);

	if (heartbeat != slot->heartbeat)
		slot->silent_looks = 0;
	else
		slot->silent_looks++;
	slot->heartbeat = heartbeat;
	if (slot->silent_looks == HUNG_LOOKS) {
		log_error("worker hangs",
		          LOG_FIELDS(log_number("worker", slot->number)));
		kill(slot->pid, SIGABRT);
	} else if (slot->silent_looks > HUNG_LOOKS) {
		kill(slot->pid, SIGKILL);
	}
}

void generation_look(struct generation *generation)
{
	for (size_t i = 0; i < generation->slot_count; i++)
		look_at(&generation->slots[i]);
}

void generation_drain(struct generation *generation)
{
	generation->state = GENERATION_DRAINING;
	for (size_t i = 0; i < generation->slot_count; i++) {
		if (generation->slots[i].pid != 0)
			channel_say(generation->slots[i].channel,
			            CHANNEL_DRAIN);
	}
}

void generation_kill(struct generation *generation)
{
	generation->state = GENERATION_DRAINING;
	for (size_t i = 0; i < generation->slot_count; i++) {
		if (generation->slots[i].pid != 0)
			kill(generation->slots[i].pid, SIGKILL);
	}
}

size_t generation_alive(const struct generation *generation)
{
	size_t alive = 0;

	for (size_t i = 0; i < generation->slot_count; i++)
		alive += generation->slots[i].pid != 0;
	return alive;
}
