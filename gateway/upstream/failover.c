/* SPDX-License-Identifier: Apache-2.0 */
#include "upstream/failover.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/turn.h"

#define SILENT_MS 1000 /* for a silent server while others are left */
#define LOGS_PER_SECOND 1
#define MS_NS 1000000

struct failover {
	struct failover_way way;
	uv_timer_t wait; /* for its turn */
	bool is_out;     /* the wait is over: there are too many */
	struct dial *dial;
	uint64_t give_up_at_ms; /* 0: its first turn has not come yet */
	dial_done *done;
	void *owner;
	size_t tried; /* how many of `order` have begun */
	size_t order[];
};

static struct target *current(const struct failover *failover)
{
	size_t index = failover->order[failover->tried - 1];

	return &failover->way.upstream->targets[index];
}

static uint64_t limit_ms(const struct failover *failover)
{
	uint64_t now = uv_now(failover->way.loop);
	uint64_t left =
	    now < failover->give_up_at_ms ? failover->give_up_at_ms - now : 1;
	bool is_last = failover->tried == failover->way.upstream->target_count;

	return is_last || left < SILENT_MS ? left : SILENT_MS;
}

static void on_dialed(void *owner, int fd, const char *why);

static bool dial_next(struct failover *failover)
{
	failover->tried++;
	failover->dial = dial_open(failover->way.loop, failover->way.resolver,
	                           current(failover), limit_ms(failover),
	                           on_dialed, failover);
	return failover->dial != NULL;
}

static void on_closed(uv_handle_t *handle)
{
	free(handle->data);
}

static void destroy(struct failover *failover)
{
	uv_close((uv_handle_t *)&failover->wait, on_closed);
}

static void finish(struct failover *failover, int fd, const char *why)
{
	failover->done(failover->owner, fd, why);
	destroy(failover);
}

static void on_wait_over(uv_timer_t *timer);

/* The loop's own time may be old; others go by the clock as well. */
static uint64_t wait_ms(struct failover *failover)
{
	const struct config_upstream *config = failover->way.upstream->config;
	const struct turn_queue queue = {
		.shared = failover->way.shared,
		.upstream = config->name.value,
		.per_s = config->connects_per_s,
	};

	return queue.shared ? turn_wait_ms(&queue, uv_hrtime() / MS_NS,
	                                   &failover->way.turn_ms)
	                    : 0;
}

/* On to the next server, or to the wait for it; false: no memory. */
static bool go_on(struct failover *failover)
{
	uint64_t wait = wait_ms(failover);

	if (wait > 0) {
		failover->is_out = wait == TURN_NEVER;
		uv_timer_start(&failover->wait, on_wait_over,
		               failover->is_out ? 0 : wait, 0);
		return true;
	}
	if (failover->give_up_at_ms == 0)
		failover->give_up_at_ms =
		    uv_now(failover->way.loop) +
		    failover->way.upstream->config->connect_timeout_ms;
	return dial_next(failover);
}

static void on_wait_over(uv_timer_t *timer)
{
	struct failover *failover = timer->data;

	if (failover->is_out)
		finish(failover, -1, NULL);
	else if (!go_on(failover))
		finish(failover, -1, "no memory");
}

static void log_failure(struct target *target, uint64_t now, const char *why)
{
	uint64_t suppressed;

	if (log_limit_allows(&target->log_limit, now, LOGS_PER_SECOND,
	                     &suppressed))
		log_warning("upstream not reached",
		            LOG_FIELDS(log_text("server", target->url),
		                       log_text("why", why),
		                       log_number("suppressed", suppressed)));
}

static bool is_over(const struct failover *failover)
{
	return failover->tried == failover->way.upstream->target_count ||
	       uv_now(failover->way.loop) >= failover->give_up_at_ms;
}

static void on_dialed(void *owner, int fd, const char *why)
{
	struct failover *failover = owner;
	struct target *target = current(failover);
	uint64_t now = uv_now(failover->way.loop);

	failover->dial = NULL;
	target->failed_at_ms = fd >= 0 ? 0 : now;
	if (fd >= 0)
		failover->way.upstream->reached =
		    (size_t)(target - failover->way.upstream->targets);
	if (fd < 0) {
		if (failover->way.shared)
			log_failure(target, now, why);
		failover->way.turn_ms = now;
		if (!is_over(failover) && go_on(failover))
			return;
	}
	finish(failover, fd, why);
}

struct failover *failover_open(const struct failover_way *way, dial_done *done,
                               void *owner)
{
	size_t count = way->upstream->target_count;
	struct failover *failover =
	    calloc(1, sizeof *failover + count * sizeof failover->order[0]);

	if (!failover)
		return NULL;
	failover->way = *way;
	failover->done = done;
	failover->owner = owner;
	uv_timer_init(way->loop, &failover->wait);
	failover->wait.data = failover;
	upstream_order(way->upstream, uv_now(way->loop), failover->order);
	if (go_on(failover))
		return failover;
	destroy(failover);
	return NULL;
}

void failover_cancel(struct failover *failover)
{
	if (!failover)
		return;
	dial_cancel(failover->dial);
	destroy(failover);
}
