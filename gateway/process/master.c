/* SPDX-License-Identifier: Apache-2.0 */
#include "process/master.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <uv.h>

#include "admin/requests.h"
#include "base/failure.h"
#include "base/log.h"
#include "base/shared.h"
#include "base/ticket_keys.h"
#include "process/certificates.h"
#include "process/cpus.h"
#include "process/loop.h"
#include "process/notify.h"
#include "process/reload.h"
#include "process/succession.h"
#include "process/worker.h"

#define LOOK_MS 1000
#define DESCRIPTORS_LEAST 48 /* a few sessions must fit as well */
#define ROWS_LEAST 64        /* of the shared area: workers at a time */
#define ROWS_PER_WORKER 10   /* for as many configurations at a time */

enum master_signal {
	MASTER_TERMINATE = 0,
	MASTER_INTERRUPT,
	MASTER_CHILD,
	MASTER_HANGUP,
	MASTER_SIGNALS,
};

static const int signal_numbers[MASTER_SIGNALS] = { SIGTERM, SIGINT, SIGCHLD,
	                                            SIGHUP };

struct master {
	uv_loop_t loop;
	uv_signal_t signals[MASTER_SIGNALS];
	uv_timer_t look;
	uv_timer_t fork_due;
	uv_timer_t deadline;
	struct notify notify;
	struct shared *shared;
	struct succession succession;
	struct certificates certificates;
	struct reload reload;
	struct archive *archive;
	struct requests requests;
	bool is_ready;
	bool is_ending;
};

/* NULL when the first configuration has come to nothing. */
static const struct config *config_of(const struct master *master)
{
	const struct succession *succession = &master->succession;
	const struct generation *generation =
	    succession->current ? succession->current : succession->coming;

	return generation ? generation->snapshot->config : NULL;
}

static void on_deadline(uv_timer_t *timer)
{
	struct master *master = timer->data;

	log_warning("drain took too long: ending at once", NULL);
	succession_kill(&master->succession);
}

static void end(struct master *master)
{
	const struct config *config = config_of(master);

	if (master->is_ending || !config) {
		succession_kill(&master->succession);
		return;
	}
	master->is_ending = true;
	log_info("draining",
	         LOG_FIELDS(log_number(
	             "sessions",
	             shared_sum_gauge(master->shared, SHARED_SESSIONS))));
	notify_stopping(&master->notify,
	                shared_sum_gauge(master->shared, SHARED_SESSIONS));
	shared_set_draining(master->shared);
	succession_drain(&master->succession);
	uv_timer_start(&master->deadline, on_deadline,
	               config->drain.timeout_s * UINT64_C(1000), 0);
}

static void reap(struct master *master)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		succession_reap(&master->succession, pid, status);
}

/* Whoever sends a signal reads the log. */
static void on_reloaded(void *owner, int code, const char *text)
{
	(void)owner;
	(void)code;
	(void)text;
}

static void on_signal(uv_signal_t *handle, int number)
{
	struct master *master = handle->data;

	if (number == SIGCHLD)
		reap(master);
	else if (number == SIGHUP)
		reload_ask(&master->reload, on_reloaded, NULL);
	else
		end(master);
}

static void on_look(uv_timer_t *timer)
{
	struct master *master = timer->data;

	succession_look(&master->succession);
	if (ticket_keys_look(shared_ticket_keys(master->shared),
	                     uv_now(&master->loop)))
		log_debug("another ticket key", NULL);
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
	certificates_open(&master->certificates, &master->loop);
	notify_feed(&master->notify, &master->loop);
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
	const struct sockets_set *set = &master->succession.current->set;

	for (size_t i = 0; i < set->count; i++)
		log_info(sockets_is_admin(set, i) ? "admin on" : "listening on",
		         LOG_FIELDS(log_text("listener", set->list[i]->name)));
	log_info("ready", LOG_FIELDS(log_number("workers", set->workers),
	                             log_number("listeners", set->count)));
	notify_ready(&master->notify, set->workers, set->count);
}

static void take_steps(struct master *master)
{
	enum succession_step step = succession_step(&master->succession);

	requests_step(&master->requests);
	if (step == SUCCESSION_DONE && !master->is_ready) {
		master->is_ready = true;
		log_ready(master);
	}
	reload_step(&master->reload, step,
	            certificates_step(&master->certificates));
}

/* Before the first generation serves there is nothing to go back to. */
static bool has_failed(const struct master *master)
{
	return !master->is_ready && !master->succession.coming &&
	       !master->is_ending;
}

/* False when there is nothing more to do. */
static bool goes_on(struct master *master)
{
	take_steps(master);
	if (has_failed(master) && succession_is_over(&master->succession)) {
		log_error("a worker does not start: see the lines above", NULL);
		return false;
	}
	return !master->is_ending || !succession_is_over(&master->succession);
}

/* Signals that come between fork and here wait until these are set. */
static void become_worker(struct master *master, const sigset_t *mask)
{
	notify_close(&master->notify);
	inherited_finish(master->succession.sockets.inherited);
	uv_loop_fork(&master->loop);
	succession_forget(&master->succession);
	requests_forget(&master->requests);
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
	bool is_worker = succession_fork_in_ms(&master->succession) == 0 &&
	                 succession_fork(&master->succession, setup);

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
		uint64_t wait_ms = succession_fork_in_ms(&master->succession);

		if (wait_ms == 0 && fork_due(master, setup))
			return true;
		if (wait_ms == 0)
			continue;
		if (wait_ms != SLOT_NEVER)
			uv_timer_start(&master->fork_due, on_fork_due, wait_ms,
			               0);
		uv_run(&master->loop, UV_RUN_ONCE);
	}
	return false;
}

static int run_worker(struct master *master, const struct worker_setup *setup)
{
	sockets_keep(&master->succession.sockets, setup->set, setup->slot);

	int code = worker_run(setup);

	sockets_forget(&master->succession.sockets);
	return code;
}

/* One signal more must not kill what has ended well, but for its clean-up. */
static void block_signals(void)
{
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
}

static int end_master(struct master *master)
{
	block_signals();
	requests_close(&master->requests);
	close_loop(master);
	sockets_close(&master->succession.sockets);
	ticket_keys_wipe(shared_ticket_keys(master->shared));
	return master->is_ending ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int serve(struct master *master)
{
	struct worker_setup setup;
	int code = turn(master, &setup) ? run_worker(master, &setup)
	                                : end_master(master);

	reload_finish(&master->reload);
	certificates_finish(&master->certificates);
	succession_free(&master->succession);
	return code;
}

static bool has_descriptors(rlim_t least)
{
	struct rlimit limit = { .rlim_cur = RLIM_INFINITY };

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return failure_of("getrlimit", errno);
	if (limit.rlim_cur >= least)
		return true;
	log_error("too few descriptors: raise the limit (ulimit -n)",
	          LOG_FIELDS(log_number("limit", limit.rlim_cur),
	                     log_number("least", least)));
	return false;
}

static size_t row_count(const struct config *config)
{
	size_t workers = config->workers > 0 ? config->workers : cpus_usable();

	return workers * ROWS_PER_WORKER > ROWS_LEAST
	           ? workers * ROWS_PER_WORKER
	           : ROWS_LEAST;
}

static void on_told(void *owner, const struct channel_message *message)
{
	struct master *master = owner;

	inquiry_hear(&master->requests.inquiries, message);
}

static void on_drain(void *owner)
{
	end(owner);
}

static void join(struct master *master)
{
	master->succession.room = (struct slot_room){
		.loop = &master->loop,
		.shared = master->shared,
		.archive = master->archive,
		.on_told = on_told,
		.owner = master,
	};
	master->certificates.succession = &master->succession;
	master->reload.succession = &master->succession;
	master->reload.certificates = &master->certificates;
	master->reload.notify = &master->notify;
	master->requests = (struct requests){
		.loop = &master->loop,
		.succession = &master->succession,
		.reload = &master->reload,
		.inquiries = { .succession = &master->succession,
		               .archive = master->archive },
		.on_drain = on_drain,
		.owner = master,
		.since = time(NULL),
	};
}

static bool set_up(struct master *master, struct snapshot *snapshot)
{
	if (!has_descriptors(DESCRIPTORS_LEAST))
		return false;
	master->shared = shared_create(row_count(snapshot->config));
	master->archive = archive_create();
	if (!master->shared || !master->archive || !loop_open(&master->loop))
		return false;
	join(master);
	if (ticket_keys_begin(shared_ticket_keys(master->shared),
	                      uv_now(&master->loop)) &&
	    succession_begin(&master->succession, snapshot))
		return true;
	close_loop(master);
	return false;
}

int master_run(struct snapshot *snapshot, struct inherited *inherited,
               reload_load *load, const void *source)
{
	struct master master = {
		.succession.sockets.inherited = inherited,
		.reload = { .load = load, .source = source },
	};
	int code = EXIT_FAILURE;

	notify_open(&master.notify);
	signal(SIGPIPE, SIG_IGN);
	if (set_up(&master, snapshot)) {
		open_handles(&master);
		code = serve(&master);
	} else {
		snapshot_destroy(snapshot);
	}
	archive_destroy(master.archive);
	shared_destroy(master.shared);
	notify_close(&master.notify);
	return code;
}
