/* SPDX-License-Identifier: Apache-2.0 */
#include "upstream/failover.h"

#include <stdlib.h>

#include "base/log.h"

#define SILENT_MS 1000 /* for a silent server while others are left */
#define LOGS_PER_SECOND 1

struct failover {
	uv_loop_t *loop;
	struct resolver *resolver;
	struct upstream *upstream;
	struct dial *dial;
	bool is_quiet;
	uint64_t give_up_at_ms;
	dial_done *done;
	void *owner;
	size_t tried; /* how many of `order` have begun */
	size_t order[];
};

static struct target *current(const struct failover *failover)
{
	size_t index = failover->order[failover->tried - 1];

	return &failover->upstream->targets[index];
}

static uint64_t limit_ms(const struct failover *failover)
{
	uint64_t now = uv_now(failover->loop);
	uint64_t left =
	    now < failover->give_up_at_ms ? failover->give_up_at_ms - now : 1;
	bool is_last = failover->tried == failover->upstream->target_count;

	return is_last || left < SILENT_MS ? left : SILENT_MS;
}

static void on_dialed(void *owner, int fd, const char *why);

static bool dial_next(struct failover *failover)
{
	if (failover->tried == failover->upstream->target_count ||
	    (failover->tried > 0 &&
	     uv_now(failover->loop) >= failover->give_up_at_ms))
		return false;
	failover->tried++;
	failover->dial =
	    dial_open(failover->loop, failover->resolver, current(failover),
	              limit_ms(failover), on_dialed, failover);
	return failover->dial != NULL;
}

static void finish(struct failover *failover, int fd, const char *why)
{
	failover->done(failover->owner, fd, why);
	free(failover);
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

static void on_dialed(void *owner, int fd, const char *why)
{
	struct failover *failover = owner;
	struct target *target = current(failover);
	uint64_t now = uv_now(failover->loop);

	failover->dial = NULL;
	target->failed_at_ms = fd >= 0 ? 0 : now;
	if (fd >= 0)
		failover->upstream->reached =
		    (size_t)(target - failover->upstream->targets);
	if (fd < 0) {
		if (!failover->is_quiet)
			log_failure(target, now, why);
		if (dial_next(failover))
			return;
	}
	finish(failover, fd, why);
}

struct failover *failover_open(uv_loop_t *loop, struct resolver *resolver,
                               struct upstream *upstream, bool is_quiet,
                               dial_done *done, void *owner)
{
	struct failover *failover =
	    calloc(1, sizeof *failover +
	                  upstream->target_count * sizeof failover->order[0]);

	if (!failover)
		return NULL;
	failover->loop = loop;
	failover->resolver = resolver;
	failover->upstream = upstream;
	failover->is_quiet = is_quiet;
	failover->done = done;
	failover->owner = owner;
	failover->give_up_at_ms =
	    uv_now(loop) + upstream->config->connect_timeout_ms;
	upstream_order(upstream, uv_now(loop), failover->order);
	if (dial_next(failover))
		return failover;
	free(failover);
	return NULL;
}

void failover_cancel(struct failover *failover)
{
	if (!failover)
		return;
	dial_cancel(failover->dial);
	free(failover);
}
