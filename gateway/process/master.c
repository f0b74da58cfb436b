/* SPDX-License-Identifier: Apache-2.0 */
#include "process/master.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <uv.h>

#include "base/log.h"
#include "base/shared.h"
#include "process/cpus.h"
#include "process/enrolment.h"
#include "process/generation.h"
#include "process/sockets.h"
#include "process/worker.h"

#define LOOK_MS 1000
#define DESCRIPTORS_LEAST 48 /* a few sessions must fit as well */

enum master_signal {
	MASTER_TERMINATE = 0,
	MASTER_INTERRUPT,
	MASTER_CHILD,
	MASTER_SIGNALS,
};

static const int signal_numbers[MASTER_SIGNALS] = { SIGTERM, SIGINT, SIGCHLD };

struct master {
	const struct snapshot *snapshot;
	uv_loop_t loop;
	uv_signal_t signals[MASTER_SIGNALS];
	uv_timer_t look;
	uv_timer_t fork_due;
	uv_timer_t deadline;
	struct sockets sockets;
	struct shared *shared;
	struct generation *generation;
	size_t workers;
	bool is_ready;
	bool is_ending;
};

static void on_deadline(uv_timer_t *timer)
{
	struct master *master = timer->data;

	log_warning("drain took too long: ending at once", NULL);
	generation_kill(master->generation);
}

static void end(struct master *master)
{
	uint32_t timeout_s = master->snapshot->config->drain.timeout_s;

	if (master->is_ending) {
		generation_kill(master->generation);
		return;
	}
	master->is_ending = true;
	log_info("draining",
	         LOG_FIELDS(log_number(
	             "sessions",
	             shared_sum_gauge(master->shared, SHARED_SESSIONS))));
	shared_set_draining(master->shared);
	sockets_refuse(&master->sockets);
	generation_drain(master->generation);
	uv_timer_start(&master->deadline, on_deadline,
	               timeout_s * UINT64_C(1000), 0);
}

static void reap(struct master *master)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		generation_reap(master->generation, pid, status);
}

static void on_signal(uv_signal_t *handle, int number)
{
	if (number == SIGCHLD)
		reap(handle->data);
	else
		end(handle->data);
}

static void on_look(uv_timer_t *timer)
{
	struct master *master = timer->data;

	generation_look(master->generation);
}

/* Only turns the loop: forks are made at its top. */
static void on_fork_due(uv_timer_t *timer)
{
	(void)timer;
}

static void open_timer(struct master *master, uv_timer_t *timer, uv_timer_cb cb,
                       uint64_t ms)
{
	uv_timer_init(&master->loop, timer);
	timer->data = master;
	if (cb)
		uv_timer_start(timer, cb, ms, ms);
}

static void open_handles(struct master *master)
{
	for (int i = 0; i < MASTER_SIGNALS; i++) {
		uv_signal_init(&master->loop, &master->signals[i]);
		master->signals[i].data = master;
		uv_signal_start(&master->signals[i], on_signal,
		                signal_numbers[i]);
	}
	open_timer(master, &master->look, on_look, LOOK_MS);
	open_timer(master, &master->fork_due, NULL, 0);
	open_timer(master, &master->deadline, NULL, 0);
}

static void close_handle(uv_handle_t *handle, void *unused)
{
	(void)unused;
	if (!uv_is_closing(handle))
		uv_close(handle, NULL);
}

static void close_loop(struct master *master)
{
	uv_walk(&master->loop, close_handle, NULL);
	uv_run(&master->loop, UV_RUN_DEFAULT);
	uv_loop_close(&master->loop);
}

static void log_ready(struct master *master)
{
	for (size_t i = 0; i < master->sockets.count; i++) {
		const struct sockets_listener *listener =
		    &master->sockets.listeners[i];

		log_info(listener->is_admin ? "admin on" : "listening on",
		         LOG_FIELDS(log_text("listener", listener->name)));
	}
	log_info("ready",
	         LOG_FIELDS(log_number("workers", master->workers),
	                    log_number("listeners", master->sockets.count)));
}

/* Looks at the state after each turn; false when there is nothing to do. */
static bool goes_on(struct master *master)
{
	enum generation_state state = generation_state(master->generation);

	if (state == GENERATION_SERVING && !master->is_ready) {
		master->is_ready = true;
		log_ready(master);
	}
	if (state == GENERATION_FAILED) {
		log_error("a worker does not start: see the lines above", NULL);
		generation_kill(master->generation);
	}
	return state != GENERATION_FAILED &&
	       (state != GENERATION_DRAINING ||
	        generation_alive(master->generation) > 0);
}

/* Signals that come between fork and here wait until these are set. */
static void become_worker(struct master *master, const sigset_t *mask)
{
	uv_loop_fork(&master->loop);
	generation_forget(master->generation);
	close_loop(master);
	signal(SIGHUP, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGCHLD, SIG_DFL);
	sigprocmask(SIG_SETMASK, mask, NULL);
}

/*
 * Forks with signals blocked and none caught but not seen to: libuv before
 * 1.45 could never close its signal handles in the worker otherwise.
 */
static bool fork_due(struct master *master, struct worker_setup *setup)
{
	sigset_t all;
	sigset_t before;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	uv_run(&master->loop, UV_RUN_NOWAIT);
	bool is_worker = generation_fork_in_ms(master->generation) == 0 &&
	                 generation_fork(master->generation, setup);

	if (is_worker)
		become_worker(master, &before);
	else
		sigprocmask(SIG_SETMASK, &before, NULL);
	return is_worker;
}

/* True in a worker, with `setup` set; false in the master, at the end. */
static bool turn(struct master *master, struct worker_setup *setup)
{
	while (goes_on(master)) {
		uint64_t wait_ms = generation_fork_in_ms(master->generation);

		if (wait_ms == 0 && fork_due(master, setup))
			return true;
		if (wait_ms == 0)
			continue;
		if (wait_ms != GENERATION_NEVER)
			uv_timer_start(&master->fork_due, on_fork_due, wait_ms,
			               0);
		uv_run(&master->loop, UV_RUN_ONCE);
	}
	return false;
}

static int run_worker(struct master *master, const struct worker_setup *setup)
{
	sockets_keep_slot(&master->sockets, setup->slot);

	int code = worker_run(setup);

	sockets_forget(&master->sockets);
	return code;
}

/* One signal more must not kill what has ended well, but for its clean-up. */
static void block_signals(void)
{
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
}

static int serve(struct master *master)
{
	struct worker_setup setup;
	int code;

	if (turn(master, &setup)) {
		code = run_worker(master, &setup);
	} else {
		code = master->is_ending ? EXIT_SUCCESS : EXIT_FAILURE;
		block_signals();
		close_loop(master);
		sockets_close(&master->sockets);
	}
	generation_destroy(master->generation);
	return code;
}

static bool has_descriptors(rlim_t least)
{
	struct rlimit limit = { .rlim_cur = RLIM_INFINITY };

	getrlimit(RLIMIT_NOFILE, &limit);
	if (limit.rlim_cur >= least)
		return true;
	log_error("too few descriptors: raise the limit (ulimit -n)",
	          LOG_FIELDS(log_number("limit", limit.rlim_cur),
	                     log_number("least", least)));
	return false;
}

static bool set_up(struct master *master)
{
	const struct snapshot *snapshot = master->snapshot;

	master->workers = snapshot->config->workers > 0
	                      ? snapshot->config->workers
	                      : cpus_usable();
	if (!has_descriptors(DESCRIPTORS_LEAST))
		return false;
	master->shared = shared_create(master->workers);
	if (!master->shared ||
	    !enrolment_hold(master->shared, snapshot->config) ||
	    uv_loop_init(&master->loop) != 0 ||
	    !sockets_open(&master->sockets, snapshot->config, master->workers))
		return false;
	master->generation =
	    generation_create(&master->loop, snapshot, &master->sockets,
	                      master->shared, master->workers);
	return master->generation != NULL;
}

int master_run(const struct snapshot *snapshot)
{
	struct master master = { .snapshot = snapshot };
	int code = EXIT_FAILURE;

	signal(SIGPIPE, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	if (set_up(&master)) {
		open_handles(&master);
		code = serve(&master);
	}
	shared_destroy(master.shared);
	return code;
}
