/* SPDX-License-Identifier: Apache-2.0 */
#include "upstream/failover.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/turn.h"
#include "proxy/header.h"
#include "tls/upstream.h"
#include "upstream/dial.h"
#include "upstream/seal.h"

#define SILENT_MS 1000 /* for a silent server while others are left */
#define MS_NS 1000000

struct failover {
	struct failover_way way;
	uv_timer_t wait; /* for its turn */
	bool is_out;     /* the wait is over: there are too many */
	struct dial *dial;
	struct seal *seal;      /* after it, if the server speaks TLS */
	uint64_t give_up_at_ms; /* 0: its first turn has not come yet */
	failover_done *done;
	void *owner;
	uint8_t header[PROXY_HEADER_BYTES_OURS]; /* in front of all */
	size_t header_len;                       /* 0: none */
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

static void finish(struct failover *failover, struct cable cable,
                   bool was_tried)
{
	struct target *target = cable.fd >= 0 ? current(failover) : NULL;

	failover->done(failover->owner, cable, target, was_tried);
	destroy(failover);
}

static void give_up(struct failover *failover, bool was_tried)
{
	finish(failover, cable_of(-1, NULL), was_tried);
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
		give_up(failover, false);
	else if (!go_on(failover))
		give_up(failover, true);
}

static bool is_over(const struct failover *failover)
{
	return failover->tried == failover->way.upstream->target_count ||
	       uv_now(failover->way.loop) >= failover->give_up_at_ms;
}

static void succeed(struct failover *failover, struct cable cable)
{
	struct target *target = current(failover);
	struct upstream *upstream = failover->way.upstream;

	target->failed_at_ms = 0;
	upstream->reached = (size_t)(target - upstream->targets);
	finish(failover, cable, true);
}

/* On to the next server, if one is left and there is time. */
static void fail(struct failover *failover, const char *why)
{
	struct target *target = current(failover);
	uint64_t now = uv_now(failover->way.loop);

	if (failover->way.shared)
		target_failed(target, now, "upstream not reached",
		              CLOSE_UPSTREAM_UNREACHABLE, why);
	else
		target->failed_at_ms = now;
	failover->way.turn_ms = now;
	if (is_over(failover) || !go_on(failover))
		give_up(failover, true);
}

static void on_secured(void *owner, struct cable cable, const char *why)
{
	struct failover *failover = owner;

	failover->seal = NULL;
	if (cable.fd >= 0)
		succeed(failover, cable);
	else
		fail(failover, why);
}

static void secure(struct failover *failover, int fd)
{
	const struct target *target = current(failover);
	const struct seal_with with = {
		.context = tls_upstream_context(failover->way.upstream->tls),
		.server_name = target->server_name,
		.limit_ms = limit_ms(failover),
	};

	failover->seal =
	    seal_open(failover->way.loop, fd, &with, on_secured, failover);
	if (!failover->seal)
		fail(failover, "no memory");
}

/* A new socket has room for it; NULL: it was sent. */
static const char *send_header(const struct failover *failover, int fd)
{
	ssize_t sent;

	if (failover->header_len == 0)
		return NULL;
	sent = send(fd, failover->header, failover->header_len, MSG_NOSIGNAL);
	if (sent < 0)
		return strerror(errno);
	return (size_t)sent == failover->header_len
	           ? NULL
	           : "no room for the PROXY header";
}

static void on_dialed(void *owner, int fd, const char *why)
{
	struct failover *failover = owner;

	failover->dial = NULL;
	if (fd < 0) {
		fail(failover, why);
		return;
	}
	why = send_header(failover, fd);
	if (why) {
		close(fd);
		fail(failover, why);
	} else if (current(failover)->server_name) {
		secure(failover, fd);
	} else {
		succeed(failover, cable_of(fd, NULL));
	}
}

/* Who is nobody is told as unknown. */
static void write_header(struct failover *failover)
{
	static const enum proxy_header_version versions[] = {
		[CONFIG_PROXY_NONE] = PROXY_HEADER_NONE,
		[CONFIG_PROXY_V1] = PROXY_HEADER_V1,
		[CONFIG_PROXY_V2] = PROXY_HEADER_V2,
	};
	static const struct sockaddr_storage nobody;
	const struct failover_way *way = &failover->way;
	enum config_proxy word = way->upstream->config->proxy_protocol;

	if (word != CONFIG_PROXY_NONE)
		failover->header_len = proxy_header_write(
		    versions[word], way->client ? way->client : &nobody,
		    way->local ? way->local : &nobody, failover->header);
}

struct failover *failover_open(const struct failover_way *way,
                               failover_done *done, void *owner)
{
	size_t count = way->upstream->target_count;
	struct failover *failover =
	    calloc(1, sizeof *failover + count * sizeof failover->order[0]);

	if (!failover)
		return NULL;
	failover->way = *way;
	failover->done = done;
	failover->owner = owner;
	write_header(failover);
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
	seal_cancel(failover->seal);
	destroy(failover);
}
