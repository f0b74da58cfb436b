/* SPDX-License-Identifier: Apache-2.0 */
#include "process/worker.h"

#include <stdlib.h>
#include <unistd.h>

#include <uv.h>

#include "admin/admin_page.h"
#include "base/failure.h"
#include "base/log.h"
#include "front/server.h"
#include "page/channel.h"
#include "page/envelope.h"
#include "page/room.h"
#include "process/channel.h"
#include "process/footprint.h"
#include "process/loop.h"
#include "process/renewal.h"
#include "session/roster.h"
#include "session/session.h"
#include "upstream/probe.h"

#define HEARTBEAT_MS 1000
#define DRAIN_LOOK_MS 20
#define RETIRED_LOOK_MS 200
#define LEAVE_MS 1000 /* for answers that are on their way */

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
	size_t *listeners; /* as configured, of each socket */
	size_t socket_count;
	struct server *server;
	struct renewal renewal;
	struct footprint footprint;
	struct probe *probe; /* NULL: another worker's business */
	bool is_retired;
	bool is_draining;
	uint64_t leaving_ms; /* when the last listener was closed; 0: not yet */
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

	admin_page_answer(&worker->setup, &worker->renewal, path, page);
}

static const struct front_events front_events = {
	.on_session = on_session,
	.on_admin = on_admin,
};

static size_t count_sockets(const struct worker_setup *setup)
{
	size_t count = 0;

	for (size_t i = 0; i < setup->set->count; i++) {
		for (size_t n = 0;
		     sockets_fd(setup->set, i, setup->slot, n) >= 0; n++)
			count++;
	}
	return count;
}

static struct server_socket socket_of(const struct worker_setup *setup,
                                      size_t index, int fd)
{
	const struct sockets_address *address = setup->set->list[index];
	struct server_socket socket = {
		.name = address->name,
		.fd = fd,
		.is_shared = address->is_shared,
	};

	if (!sockets_is_admin(setup->set, index)) {
		socket.policy = &setup->snapshot->policy->listeners[index];
		socket.tls = setup->snapshot->tls[index];
		socket.trust = setup->snapshot->trusts[index];
	}
	return socket;
}

static void list_sockets(struct worker *worker)
{
	const struct worker_setup *setup = &worker->setup;
	size_t count = 0;
	int fd;

	for (size_t i = 0; i < setup->set->count; i++) {
		for (size_t n = 0;
		     (fd = sockets_fd(setup->set, i, setup->slot, n)) >= 0;
		     n++) {
			worker->listeners[count] = i;
			worker->sockets[count++] = socket_of(setup, i, fd);
		}
	}
}

static bool create_server(struct worker *worker)
{
	const struct worker_setup *setup = &worker->setup;
	size_t count = count_sockets(setup);

	worker->sockets = calloc(count + 1, sizeof worker->sockets[0]);
	worker->listeners = calloc(count + 1, sizeof worker->listeners[0]);
	if (!worker->sockets || !worker->listeners)
		return false;
	worker->socket_count = count;
	list_sockets(worker);

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
	return worker->server != NULL &&
	       renewal_init(&worker->renewal, setup->snapshot, worker->server,
	                    worker->listeners, count);
}

/* One worker looks at the brokers for all; only admin pages want to know. */
static bool is_watcher(const struct worker *worker)
{
	return worker->setup.slot == 0 &&
	       worker->setup.snapshot->config->admin.listen.value;
}

static void create_probe(struct worker *worker)
{
	const struct snapshot *snapshot = worker->setup.snapshot;

	if (!is_watcher(worker))
		return;
	worker->probe = probe_create(&(struct probe_setup){
	    .streams = &worker->sessions.streams,
	    .clients = worker->pages.clients,
	    .upstreams = snapshot->upstreams,
	    .count = snapshot->config->upstream_count,
	    .shared = worker->setup.shared,
	    .archive = worker->setup.archive,
	    .worker = worker->setup.number,
	});
	if (!worker->probe)
		log_error("nobody looks at the brokers: no memory", NULL);
}

static void destroy_probe(struct worker *worker)
{
	probe_destroy(worker->probe);
	worker->probe = NULL;
}

/* What changes too often to be told each time. */
static void publish_gauges(const struct worker *worker)
{
	const struct page_load *load = &worker->pages.load;
	const struct client_room *clients = worker->pages.clients;

	shared_set(worker->row, SHARED_QUEUE_BYTES,
	           server_waiting(worker->server) + load->bytes +
	               worker->sessions.waiting +
	               worker->sessions.streams.waiting);
	shared_set(worker->row, SHARED_PAHO_CLIENTS,
	           client_room_count(clients));
	shared_set(worker->row, SHARED_PAHO_ORDERS,
	           client_room_orders(clients));
	shared_set(worker->row, SHARED_PAHO_REQUESTS, load->requests);
}

static void on_heartbeat(uv_timer_t *timer)
{
	struct worker *worker = timer->data;

	shared_set(worker->row, SHARED_HEARTBEAT,
	           shared_get(worker->row, SHARED_HEARTBEAT) + 1);
	if (worker->is_retired)
		shared_set(worker->row, SHARED_STAYING,
		           session_count_staying(&worker->sessions));
	publish_gauges(worker);
	shared_count(worker->row, SHARED_LOG_DROPPED, log_catch_up());
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
	destroy_probe(worker);
	page_room_close(&worker->pages);
	session_room_close(&worker->sessions);
	footprint_close(&worker->footprint);
	server_close(worker->server);
}

/* Answers of the admin's that are on their way get a moment. */
static bool may_leave(struct worker *worker)
{
	uint64_t now = uv_now(&worker->loop);

	if (!session_room_is_empty(&worker->sessions) ||
	    !server_is_idle(worker->server))
		return false;
	if (worker->leaving_ms == 0) {
		worker->leaving_ms = now;
		server_retire(worker->server);
	}
	return server_is_empty(worker->server) ||
	       now - worker->leaving_ms >= LEAVE_MS;
}

static void on_drain_look(uv_timer_t *timer)
{
	struct worker *worker = timer->data;

	if (may_leave(worker))
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

/* Those who are in its handshake are waited for: their sessions may stay. */
static void on_retired_look(uv_timer_t *timer)
{
	struct worker *worker = timer->data;

	if (session_room_is_empty(&worker->sessions) &&
	    server_is_empty(worker->server))
		end(worker);
}

static void retire(struct worker *worker, struct slice body)
{
	const struct config *config = worker->setup.snapshot->config;
	struct dismissal dismissal;

	if (worker->is_draining)
		return;
	if (!dismissal_init(&dismissal, config->route_count,
	                    config->listener_count) ||
	    !dismissal_read(&dismissal, body)) {
		dismissal_finish(&dismissal);
		drain(worker);
		return;
	}
	if (!worker->is_retired) {
		server_retire(worker->server);
		destroy_probe(worker);
		uv_timer_start(&worker->drain, on_retired_look, 0,
		               RETIRED_LOOK_MS);
	}
	worker->is_retired = true;
	session_dismiss(&worker->sessions, dismissal);
}

static void go(struct worker *worker)
{
	server_open(worker->server);
	create_probe(worker);
}

static void set_log(const struct channel_message *message)
{
	struct channel_log log;

	if (channel_read(message, &log, sizeof log))
		log_set((enum log_level)log.level, log.is_json != 0);
}

static void prepare(struct worker *worker,
                    const struct channel_message *message)
{
	struct channel_renewal asked;
	bool is_able = channel_read(message, &asked, sizeof asked) &&
	               renewal_prepare(&worker->renewal, &asked);

	channel_say(worker->setup.channel,
	            is_able ? CHANNEL_PREPARED : CHANNEL_UNABLE);
}

struct telling {
	int channel;
	uint32_t inquiry;
};

static void on_found(void *owner, const struct record_packed *record)
{
	const struct telling *telling = owner;
	struct channel_found found = { .inquiry = telling->inquiry };

	found.record = *record;
	channel_say_more(
	    telling->channel, CHANNEL_FOUND,
	    (struct slice){ (const uint8_t *)&found, sizeof found });
}

static void tell_who(struct worker *worker,
                     const struct channel_message *message)
{
	struct channel_question asked;
	struct telling telling = { .channel = worker->setup.channel };

	if (!channel_read(message, &asked, sizeof asked))
		return;
	telling.inquiry = asked.inquiry;
	roster_find(&worker->sessions, &asked.question, on_found, &telling);
	probe_find(worker->probe, &asked.question, on_found, &telling);
	channel_say_more(worker->setup.channel, CHANNEL_TOLD,
	                 (struct slice){ (const uint8_t *)&asked.inquiry,
	                                 sizeof asked.inquiry });
}

static void on_channel(uv_poll_t *poll, int status, int events)
{
	struct worker *worker = poll->data;
	struct channel_message message;

	(void)status;
	(void)events;
	switch (channel_hear(worker->setup.channel, &message)) {
	case CHANNEL_GO:
		go(worker);
		break;
	case CHANNEL_RETIRE:
		retire(worker, (struct slice){ message.body, message.len });
		break;
	case CHANNEL_DRAIN:
		drain(worker);
		break;
	case CHANNEL_LOG:
		set_log(&message);
		break;
	case CHANNEL_WHO:
		tell_who(worker, &message);
		break;
	case CHANNEL_PREPARE:
		prepare(worker, &message);
		break;
	case CHANNEL_ADOPT:
		renewal_end(&worker->renewal, true);
		break;
	case CHANNEL_FORGET:
		renewal_end(&worker->renewal, false);
		break;
	case CHANNEL_END:
		uv_poll_stop(poll);
		drain(worker);
		break;
	case CHANNEL_NOTHING:
	case CHANNEL_READY:
	case CHANNEL_PREPARED:
	case CHANNEL_UNABLE:
	case CHANNEL_FOUND:
	case CHANNEL_TOLD:
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

	int error = uv_poll_init(&worker->loop, &worker->channel,
	                         worker->setup.channel);

	if (error != 0)
		return failure_of("uv_poll_init", -error);
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
		.archive = worker->setup.archive,
		.worker = worker->setup.number,
		.kinds = kinds,
		.pages = &worker->pages,
	};
	return loop_open(&worker->loop) && open_handles(worker) &&
	       session_room_init(&worker->sessions) &&
	       page_room_init(&worker->pages, snapshot->config,
	                      &worker->sessions.streams, is_watcher(worker)) &&
	       create_server(worker) &&
	       footprint_open(&worker->footprint, &worker->sessions,
	                      worker->server) &&
	       channel_say(worker->setup.channel, CHANNEL_READY);
}

static void tear_down(struct worker *worker)
{
	server_destroy(worker->server);
	renewal_finish(&worker->renewal);
	session_room_finish(&worker->sessions);
	page_room_finish(&worker->pages);
	free(worker->sockets);
	free(worker->listeners);
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
