/* SPDX-License-Identifier: Apache-2.0 */
#include "upstream/probe.h"

#include <stdlib.h>
#include <unistd.h>

#include "upstream/dial.h"

#define PERIOD_MS 10000
#define LIMIT_MS 5000

/* One server and the look at it under way. */
struct probe_server {
	struct probe *probe;
	const struct target *target;
	struct dial *dial; /* NULL between two looks */
	size_t index;      /* in the shared area */
};

struct probe {
	uv_loop_t *loop;
	struct resolver *resolver;
	struct shared *shared;
	uv_timer_t timer;
	size_t server_count;
	struct probe_server servers[];
};

static void on_answer(void *owner, int fd, const char *why)
{
	struct probe_server *server = owner;

	(void)why;
	server->dial = NULL;
	shared_set_reach(server->probe->shared, server->index,
	                 fd >= 0 ? SHARED_REACH_UP : SHARED_REACH_DOWN);
	if (fd >= 0)
		close(fd);
}

static void look(uv_timer_t *timer)
{
	struct probe *probe = timer->data;

	for (size_t i = 0; i < probe->server_count; i++) {
		struct probe_server *server = &probe->servers[i];

		if (!server->dial)
			server->dial = dial_open(probe->loop, probe->resolver,
			                         server->target, LIMIT_MS,
			                         on_answer, server);
	}
}

static void add_servers(struct probe *probe, const struct upstream *upstream)
{
	for (size_t i = 0; i < upstream->target_count; i++) {
		size_t index = probe->server_count++;

		probe->servers[index] = (struct probe_server){
			.probe = probe,
			.target = &upstream->targets[i],
			.index = index,
		};
	}
}

struct probe *probe_create(uv_loop_t *loop, struct resolver *resolver,
                           struct upstream *const *upstreams, size_t count,
                           struct shared *shared)
{
	size_t servers = 0;

	for (size_t i = 0; i < count; i++)
		servers += upstreams[i]->target_count;

	struct probe *probe =
	    calloc(1, sizeof *probe + servers * sizeof probe->servers[0]);

	if (!probe)
		return NULL;
	probe->loop = loop;
	probe->resolver = resolver;
	probe->shared = shared;
	for (size_t i = 0; i < count; i++)
		add_servers(probe, upstreams[i]);
	uv_timer_init(loop, &probe->timer);
	probe->timer.data = probe;
	uv_timer_start(&probe->timer, look, 0, PERIOD_MS);
	return probe;
}

static void on_closed(uv_handle_t *handle)
{
	free(handle->data);
}

void probe_destroy(struct probe *probe)
{
	if (!probe)
		return;
	for (size_t i = 0; i < probe->server_count; i++)
		dial_cancel(probe->servers[i].dial);
	uv_close((uv_handle_t *)&probe->timer, on_closed);
}
