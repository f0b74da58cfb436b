/* SPDX-License-Identifier: Apache-2.0 */
#include "process/footprint.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "process/cpus.h"
#include "session/relief.h"

#define LOOK_MS 1000
#define BOUNDED_LOOK_MS 250 /* so that it does not grow far in between */
#define REFUSE_PERCENT 85u
#define CUT_PERCENT 95u
#define STATM_BYTES 128
#define WORKER_LEAST_BYTES (16u << 20) /* 7 MiB idle, and some sessions */
#define LINES_PER_SECOND 1

static uint64_t bound(const struct footprint *footprint)
{
	return footprint->sessions->config->memory_bytes.value;
}

static uint64_t part(uint64_t bytes, unsigned percent)
{
	return bytes / 100 * percent;
}

/* The second number, in pages; 0 when the kernel does not tell. */
static uint64_t resident(const struct footprint *footprint)
{
	char text[STATM_BYTES] = { 0 };
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);

	if (pread(footprint->statm, text, sizeof text - 1, 0) <= 0)
		return 0;
	const char *second = strchr(text, ' ');

	return second ? strtoull(second, NULL, 10) * page : 0;
}

static void log_figures(const struct footprint *footprint, const char *message,
                        uint64_t all, size_t sessions)
{
	const struct session_room *room = footprint->sessions;

	log_warning(
	    message,
	    LOG_FIELDS(
	        log_number("worker", room->worker),
	        log_number("own", shared_get(room->row, SHARED_MEMORY_BYTES)),
	        log_number("all", all),
	        log_number("memory_bytes", bound(footprint)),
	        log_number("sessions", sessions)));
}

/* A state that changes forth and back is said once a second, the last at last.
 */
static void say_state(struct footprint *footprint, uint64_t all)
{
	uint64_t suppressed;

	if (footprint->said_short == footprint->is_short ||
	    !log_limit_allows(&footprint->state_limit,
	                      uv_now(footprint->look.loop), LINES_PER_SECOND,
	                      &suppressed))
		return;
	footprint->said_short = footprint->is_short;
	log_figures(footprint,
	            footprint->is_short
	                ? "memory is short: new sessions are refused"
	                : "memory is back: new sessions are let in",
	            all, footprint->sessions->count);
}

/* Each worker its part, by what it has itself. */
static void cut(struct footprint *footprint, uint64_t all)
{
	struct session_room *room = footprint->sessions;
	uint64_t own = shared_get(room->row, SHARED_MEMORY_BYTES);
	uint64_t excess = all - part(bound(footprint), CUT_PERCENT);
	size_t count = relief_cut(room, excess * (own >> 20) / (all >> 20) + 1);
	uint64_t suppressed;

	if (count > 0 && log_limit_allows(&footprint->cut_limit,
	                                  uv_now(footprint->look.loop),
	                                  LINES_PER_SECOND, &suppressed))
		log_figures(footprint, "memory is short: queues are cut", all,
		            count);
}

static uint64_t sum(const struct footprint *footprint)
{
	return shared_sum_gauge(footprint->sessions->shared,
	                        SHARED_MEMORY_BYTES);
}

static bool is_short(const struct footprint *footprint)
{
	return sum(footprint) >= part(bound(footprint), REFUSE_PERCENT);
}

static void weigh(struct footprint *footprint)
{
	uint64_t all = sum(footprint);

	footprint->is_short = is_short(footprint);
	server_set_out_of_memory(footprint->server, footprint->is_short);
	say_state(footprint, all);
	if (all > part(bound(footprint), CUT_PERCENT))
		cut(footprint, all);
}

static void tell(struct footprint *footprint)
{
	shared_set(footprint->sessions->row, SHARED_MEMORY_BYTES,
	           resident(footprint));
}

static void on_look(uv_timer_t *timer)
{
	struct footprint *footprint = timer->data;

	tell(footprint);
	if (bound(footprint) == 0)
		return;
	if (is_short(footprint)) {
		(void)malloc_trim(0); /* what is free is not to count as ours */
		tell(footprint);
	}
	weigh(footprint);
}

bool footprint_open(struct footprint *footprint, struct session_room *sessions,
                    struct server *server)
{
	*footprint = (struct footprint){
		.sessions = sessions,
		.server = server,
		.statm = open("/proc/self/statm", O_RDONLY | O_CLOEXEC),
	};
	if (bound(footprint) > 0 && resident(footprint) == 0) {
		log_error("memory_bytes cannot be kept",
		          LOG_FIELDS(log_text("file", "/proc/self/statm"),
		                     log_text("why", strerror(errno))));
		return false;
	}
	uv_timer_init(sessions->loop, &footprint->look);
	footprint->look.data = footprint;
	uv_timer_start(&footprint->look, on_look, 0,
	               bound(footprint) > 0 ? BOUNDED_LOOK_MS : LOOK_MS);
	return true;
}

void footprint_close(struct footprint *footprint)
{
	uv_close((uv_handle_t *)&footprint->look, NULL);
	if (footprint->statm >= 0)
		close(footprint->statm);
}

void footprint_review(const struct config *config, struct problems *problems)
{
	size_t workers = config->workers > 0 ? config->workers : cpus_usable();
	uint64_t least = (uint64_t)workers * WORKER_LEAST_BYTES;

	if (config->memory_bytes.value == 0 ||
	    config->memory_bytes.value >= least)
		return;
	problem_error(problems, config->memory_bytes.place,
	              "%llu bytes are too few for %zu workers: memory_bytes "
	              "wants %llu at least, or 0 for no bound",
	              (unsigned long long)config->memory_bytes.value, workers,
	              (unsigned long long)least);
}
