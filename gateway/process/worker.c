/* SPDX-License-Identifier: Apache-2.0 */
#include "process/worker.h"

#include <stdlib.h>
#include <unistd.h>

#include <uv.h>

#include "base/log.h"
#include "control/metrics.h"
#include "control/readiness.h"
#include "front/server.h"
#include "page/channel.h"
#include "page/envelope.h"
#include "page/room.h"
#include "process/channel.h"
#include "session/session.h"
#include "upstream/probe.h"

#define HEARTBEAT_MS 1000
#define DRAIN_LOOK_MS 20

struct worker {
	struct worker_setup setup;
	struct shared_row *row;
	uv_loop_t loop;
	uv_poll_t channel;
	uv_timer_t heartbeat;
	uv_timer_t drain;
	struct session_room sessions;
	struct page_room pages;
	struct server_socket *sockets;
	struct server *server;
	struct probe *probe; /* NULL: another worker's business */
	bool is_draining;
};

static const struct session_kind *const kinds[] = {
	[CONFIG_KIND_MQTT] = &kind_mqtt,
	[CONFIG_KIND_JSON] = &kind_json,
	[CONFIG_KIND_CHANNEL] = &kind_channel,
};

static bool on_session(void *owner, struct ws *ws)
{
	struct worker *worker = owner;

	return session_open(&worker->sessions, ws);
}

static void on_admin(void *owner, struct slice path, struct http_page *page)
{
	const struct worker *worker = owner;
	const struct shared *shared = worker->setup.shared;
	const struct config *config = worker->setup.snapshot->config;

	if (slice_is(path, "/metrics"))
		*page = (struct http_page){ 200, HTTP_METRICS,
			                    metrics_text(shared, config) };
	else if (slice_is(path, "/healthz"))
		*page = (struct http_page){ 200, HTTP_TEXT, readiness_alive() };
	else if (slice_is(path, "/readyz"))
		page->text = readiness_text(shared, config, &page->status);
}

static const struct front_events front_events = {
	.on_session = on_session,
	.on_admin = on_admin,
};

static struct server_socket socket_of(const struct worker_setup *setup,
                                      size_t index)
{
	const struct sockets_listener *listener =
	    &setup->sockets->listeners[index];
	struct server_socket socket = {
		.name = listener->name,
		.fd = sockets_fd(listener, setup->slot),
		.is_shared = listener->is_shared,
	};

	if (!listener->is_admin) {
		socket.policy = &setup->snapshot->policy->listeners[index];
		socket.tls = setup->snapshot->tls[index];
	}
	return socket;
}

static bool create_server(struct worker *worker)
{
	const struct worker_setup *setup = &worker->setup;
	size_t count = setup->sockets->count;

	worker->sockets = calloc(count, sizeof worker->sockets[0]);
	if (!worker->sockets)
		return false;
	for (size_t i = 0; i < count; i++)
		worker->sockets[i] = socket_of(setup, i);

	struct front_room room = {
		.loop = &worker->loop,
		.policy = setup->snapshot->policy,
		.shared = setup->shared,
		.row = worker->row,
		.events = &front_events,
		.owner = worker,
		.clients_most =
		    setup->snapshot->config->paho_sessions_per_worker,
	};

	worker->server = server_create(&room, worker->sockets, count);
	return worker->server != NULL;
}

/* One worker looks at the brokers for all; only admin pages want to know. */
static bool is_watcher(const struct worker *worker)
{
	return worker->setup.slot == 0 &&
	       worker->setup.snapshot->config->admin.listen.value;
}

static bool create_probe(struct worker *worker)
{
	const struct snapshot *snapshot = worker->setup.snapshot;

	if (!is_watcher(worker))
		return true;
	worker->probe =
	    probe_create(&worker->sessions.streams, worker->pages.clients,
	                 snapshot->upstreams, snapshot->config->upstream_count,
	                 worker->setup.shared);
	return worker->probe != NULL;
}

static void on_heartbeat(uv_timer_t *timer)
{
	struct worker *worker = timer->data;

	shared_set(worker->row, SHARED_HEARTBEAT,
	           shared_get(worker->row, SHARED_HEARTBEAT) + 1);
	(void)log_is_behind(); /* what it keeps goes out meanwhile */
}

static void end(struct worker *worker)
{
	/* Nobody waits for it any more, but the loop would. */
	if (resolver_is_busy(worker->sessions.streams.resolver)) {
		log_finish();
		_exit(EXIT_SUCCESS);
	}
	uv_close((uv_handle_t *)&worker->channel, NULL);
	uv_close((uv_handle_t *)&worker->heartbeat, NULL);
	uv_close((uv_handle_t *)&worker->drain, NULL);
	probe_destroy(worker->probe);
	page_room_close(&worker->pages);
	session_room_close(&worker->sessions);
	server_close(worker->server);
}

static void on_drain_look(uv_timer_t *timer)
{
	struct worker *worker = timer->data;

	if (session_room_is_empty(&worker->sessions) &&
	    server_is_idle(worker->server))
		end(worker);
}

static void drain(struct worker *worker)
{
	uint32_t spread_s = worker->setup.snapshot->config->drain.spread_s;

	if (worker->is_draining)
		return;
	worker->is_draining = true;
	server_drain(worker->server);
	session_drain_all(&worker->sessions, spread_s * UINT64_C(1000));
	uv_timer_start(&worker->drain, on_drain_look, 0, DRAIN_LOOK_MS);
}

static void on_channel(uv_poll_t *poll, int status, int events)
{
	struct worker *worker = poll->data;

	(void)status;
	(void)events;
	switch (channel_hear(worker->setup.channel)) {
	case CHANNEL_GO:
		server_open(worker->server);
		break;
	case CHANNEL_DRAIN:
		drain(worker);
		break;
	case CHANNEL_END:
		uv_poll_stop(poll);
		drain(worker);
		break;
	case CHANNEL_NOTHING:
	case CHANNEL_READY:
		break;
	}
}

static bool open_handles(struct worker *worker)
{
	uv_timer_init(&worker->loop, &worker->heartbeat);
	uv_timer_init(&worker->loop, &worker->drain);
	worker->heartbeat.data = worker;
	worker->drain.data = worker;
	uv_timer_start(&worker->heartbeat, on_heartbeat, 0, HEARTBEAT_MS);
	if (uv_poll_init(&worker->loop, &worker->channel,
	                 worker->setup.channel) < 0)
		return false;
	worker->channel.data = worker;
	return uv_poll_start(&worker->channel, UV_READABLE, on_channel) == 0;
}

static bool set_up(struct worker *worker)
{
	const struct snapshot *snapshot = worker->setup.snapshot;

	worker->sessions = (struct session_room){
		.loop = &worker->loop,
		.config = snapshot->config,
		.upstreams = snapshot->upstreams,
		.shared = worker->setup.shared,
		.row = worker->row,
		.worker = worker->setup.number,
		.kinds = kinds,
		.pages = &worker->pages,
	};
	return uv_loop_init(&worker->loop) == 0 && open_handles(worker) &&
	       session_room_init(&worker->sessions) &&
	       page_room_init(&worker->pages, snapshot->config,
	                      &worker->sessions.streams, is_watcher(worker)) &&
	       create_server(worker) && create_probe(worker) &&
	       channel_say(worker->setup.channel, CHANNEL_READY);
}

static void tear_down(struct worker *worker)
{
	server_destroy(worker->server);
	session_room_finish(&worker->sessions);
	page_room_finish(&worker->pages);
	free(worker->sockets);
	uv_loop_close(&worker->loop);
	close(worker->setup.channel);
	log_finish();
}

int worker_run(const struct worker_setup *setup)
{
	struct worker worker = {
		.setup = *setup,
		.row = shared_row(setup->shared, setup->row),
	};

	srandom((unsigned)getpid());
	setenv("UV_THREADPOOL_SIZE", RESOLVER_THREADS, 0);
	if (!set_up(&worker)) {
		log_error("worker could not be set up", NULL);
		return EXIT_FAILURE;
	}
	uv_run(&worker.loop, UV_RUN_DEFAULT);
	tear_down(&worker);
	return EXIT_SUCCESS;
}
