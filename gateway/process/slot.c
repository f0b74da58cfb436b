/* SPDX-License-Identifier: Apache-2.0 */
#include "process/slot.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/failure.h"
#include "base/log.h"

#define HUNG_LOOKS 10   /* seconds without a heartbeat */
#define BACK_OFF_MS 200 /* doubled for each early death in a row */
#define BACK_OFF_MAX_MS 10000
#define EARLY_MS 10000

void slot_init(struct slot *slot)
{
	slot->channel = -1;
}

uint64_t slot_due_in_ms(const struct slot *slot)
{
	uint64_t now = uv_now(slot->room->loop);

	/* A handle that is still closing is not to be used again. */
	if (slot->pid != 0 || slot->is_polled)
		return SLOT_NEVER;
	return slot->due_ms > now ? slot->due_ms - now : 0;
}

static void on_channel(uv_poll_t *poll, int status, int events)
{
	struct slot *slot = poll->data;
	struct channel_message message;

	(void)status;
	(void)events;
	enum channel_word word = channel_hear(slot->channel, &message);

	if (word == CHANNEL_END) /* the process will be reaped */
		uv_poll_stop(poll);
	else if (word != CHANNEL_NOTHING)
		slot->on_word(slot->owner, slot, &message);
}

static void on_poll_closed(uv_handle_t *handle)
{
	struct slot *slot = handle->data;

	close(slot->channel);
	slot->channel = -1;
	slot->is_polled = false;
}

/* A worker that nobody can hear is of no use. */
static void watch(struct slot *slot, int channel)
{
	int error = uv_poll_init(slot->room->loop, &slot->poll, channel);

	slot->channel = channel;
	slot->is_polled = error == 0;
	slot->poll.data = slot;
	if (error < 0) {
		failure_of("uv_poll_init", -error);
		slot_kill(slot, SIGKILL);
		return;
	}
	uv_poll_start(&slot->poll, UV_READABLE, on_channel);
}

static void plan_next(struct slot *slot)
{
	uint64_t now = uv_now(slot->room->loop);
	uint64_t wait_ms = 0;

	if (slot->is_ready && now - slot->forked_ms >= EARLY_MS)
		slot->early_deaths = 0;
	for (unsigned i = 0; i < slot->early_deaths; i++)
		wait_ms = wait_ms == 0 ? BACK_OFF_MS : wait_ms * 2;
	slot->early_deaths++;
	slot->due_ms =
	    now + (wait_ms < BACK_OFF_MAX_MS ? wait_ms : BACK_OFF_MAX_MS);
}

/* What could not even be forked counts as a worker that died at once. */
static void fail_start(struct slot *slot, const char *what)
{
	log_error("cannot start a worker",
	          LOG_FIELDS(log_text("what", what),
	                     log_text("why", strerror(errno))));
	slot->forked_ms = uv_now(slot->room->loop);
	plan_next(slot);
}

static void begin(struct slot *slot, pid_t pid, int channel)
{
	slot->pid = pid;
	slot->number = slot->room->last_number;
	slot->forked_ms = uv_now(slot->room->loop);
	slot->silent_looks = 0;
	slot->asked = 0;
	slot->done = 0;
	slot->is_unable = false;
	watch(slot, channel);
}

/* With its row; the channel's other end for the worker. */
static int fork_with(struct slot *slot)
{
	int ends[2];

	if (!channel_open(ends)) {
		fail_start(slot, "socketpair");
		return -1;
	}
	slot->number = ++slot->room->last_number;

	pid_t pid = fork();

	if (pid == 0) {
		log_overhear(NULL); /* the master does that */
		close(ends[0]);
		return ends[1];
	}
	close(ends[1]);
	if (pid > 0) {
		begin(slot, pid, ends[0]);
		return -1;
	}
	fail_start(slot, "fork");
	close(ends[0]);
	return -1;
}

int slot_fork(struct slot *slot)
{
	slot->row = shared_claim_row(slot->room->shared);
	if (slot->row == SHARED_NO_ROW) {
		errno = ENOSPC;
		fail_start(slot, "a row of the shared area");
		return -1;
	}
	int end = fork_with(slot);

	if (end < 0 && slot->pid == 0)
		shared_release_row(slot->room->shared, slot->row);
	return end;
}

bool slot_say(struct slot *slot, enum channel_word word, struct slice body)
{
	return slot->pid != 0 && channel_say_more(slot->channel, word, body);
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

static void forget_channel(struct slot *slot)
{
	if (slot->is_polled)
		uv_close((uv_handle_t *)&slot->poll, on_poll_closed);
	else
		close(slot->channel);
}

void slot_bury(struct slot *slot, int status, bool is_expected)
{
	archive_bury(slot->room->archive, slot->number, record_now_ms());
	shared_release_row(slot->room->shared, slot->row);
	forget_channel(slot);
	if (!is_expected) {
		log_death(slot, status);
		plan_next(slot);
		shared_count_deed(slot->room->shared, SHARED_RESTARTS);
	}
	slot->pid = 0;
	slot->is_ready = false;
}

/* Looks are counted, not seconds: a machine that slept has hung nobody. */
void slot_look(struct slot *slot)
{
	if (slot->pid == 0)
		return;
	const struct shared_row *row =
	    shared_row(slot->room->shared, slot->row);
	uint64_t heartbeat = shared_get(row, SHARED_HEARTBEAT);

	if (heartbeat != slot->heartbeat)
		slot->silent_looks = 0;
	else
		slot->silent_looks++;
	slot->heartbeat = heartbeat;
	if (slot->silent_looks == HUNG_LOOKS) {
		log_error("worker hangs",
		          LOG_FIELDS(log_number("worker", slot->number)));
		slot_kill(slot, SIGABRT);
	} else if (slot->silent_looks > HUNG_LOOKS) {
		slot_kill(slot, SIGKILL);
	}
}

void slot_kill(const struct slot *slot, int signal)
{
	if (slot->pid != 0)
		kill(slot->pid, signal);
}

void slot_forget(struct slot *slot)
{
	if (slot->is_polled && !uv_is_closing((uv_handle_t *)&slot->poll))
		uv_close((uv_handle_t *)&slot->poll, on_poll_closed);
}
