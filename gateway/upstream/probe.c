/* SPDX-License-Identifier: Apache-2.0 */
#include "upstream/probe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "mqtt/compose.h"
#include "mqtt/connect.h"
#include "mqtt/protocol.h"

#define RETRY_MS 5000
#define KEEP_ALIVE_S 30
#define CONNACK_S 10 /* after the upstream's own time to connect */
#define CLIENT_ID_PREFIX "postern-probe-"
#define CLIENT_ID_OCTETS 8
#define CLIENT_ID_BYTES (sizeof CLIENT_ID_PREFIX + 2 * CLIENT_ID_OCTETS)
#define ID_BYTES 64
#define CONNACK_CODE 3 /* its octet [MQTT3 3.2] */

/* One upstream and the client there. */
struct watch {
	struct probe *probe;
	struct upstream *upstream;
	struct client *client;
	struct stream *near; /* to the client, by loopback */
	struct stream *far;  /* to the broker */
	uint8_t *connect;    /* waits for `far`; owned */
	size_t connect_len;
	bool has_answered; /* its CONNECT, in whatever way */
	bool is_refused;   /* in that way */
	char client_id[CLIENT_ID_BYTES];
	uint64_t since_ms; /* `far` is open, by the wall clock; or 0 */
	uint64_t ticket;   /* in the archive */
	uv_timer_t retry;
};

struct probe {
	struct stream_room *streams;
	struct shared *shared;
	struct archive *archive;
	unsigned worker;
	size_t handles; /* not closed yet */
	size_t count;
	struct watch watches[];
};

/* What is known of the servers. */

static void set_reach_of(const struct watch *watch, size_t target,
                         enum shared_reach reach)
{
	const struct upstream *upstream = watch->upstream;
	struct shared *shared = watch->probe->shared;
	size_t server = shared_server(shared, upstream->config->name.value,
	                              upstream->targets[target].url);

	shared_set_reach(shared, server, reach);
}

static void set_reach(const struct watch *watch, enum shared_reach reach)
{
	set_reach_of(watch, watch->upstream->reached, reach);
}

static void note_failures(const struct watch *watch)
{
	const struct upstream *upstream = watch->upstream;

	for (size_t i = 0; i < upstream->target_count; i++) {
		if (upstream->targets[i].failed_at_ms != 0)
			set_reach_of(watch, i, SHARED_REACH_DOWN);
	}
}

/* For `postern who`. */

static void describe(const struct watch *watch, struct record_packed *out)
{
	const struct config_upstream *config = watch->upstream->config;
	char id[ID_BYTES];

	snprintf(id, sizeof id, "w%u-probe", watch->probe->worker);
	record_pack(
	    &(struct record){
	        .sort = RECORD_PROBE,
	        .worker = watch->probe->worker,
	        .since_ms = watch->since_ms,
	        .texts = { [RECORD_ID] = id,
	                   [RECORD_USER] =
	                       config->inject ? config->username.value : NULL,
	                   [RECORD_CLIENT_ID] = watch->client_id,
	                   [RECORD_UPSTREAM] = stream_remote(watch->far),
	                   [RECORD_LOCAL] = stream_local(watch->far) },
	    },
	    out);
}

static void enter(struct watch *watch)
{
	struct record_packed packed;

	watch->since_ms = record_now_ms();
	describe(watch, &packed);
	watch->ticket = archive_add(watch->probe->archive, &packed);
}

static void leave(struct watch *watch)
{
	struct record_packed packed;

	if (watch->since_ms == 0)
		return;
	describe(watch, &packed);
	packed.until_ms = record_now_ms();
	packed.reason = CLOSE_UPSTREAM_CLOSED;
	archive_amend(watch->probe->archive, watch->ticket, &packed);
	watch->since_ms = 0;
}

void probe_find(const struct probe *probe, const struct question *question,
                probe_found *found, void *owner)
{
	struct record_packed packed;
	struct record record;

	for (size_t i = 0; probe && i < probe->count; i++) {
		if (probe->watches[i].since_ms == 0)
			continue;
		describe(&probe->watches[i], &packed);
		if (record_unpack(&packed, &record) &&
		    question_is_about(question, &record))
			found(owner, &packed);
	}
}

/* From the broker to the client and back. */

static void hang_up(struct watch *watch)
{
	leave(watch);
	stream_close(watch->near);
	stream_close(watch->far);
	watch->near = NULL;
	watch->far = NULL;
	free(watch->connect);
	watch->connect = NULL;
}

static void pass(struct watch *watch, struct stream *to, struct slice bytes)
{
	if (!stream_send(to, bytes))
		hang_up(watch);
}

/* [MQTT3 3.2.2.3]: it has been understood, whatever it says. */
static bool is_good(const struct watch *watch, uint8_t code)
{
	return code == 0 || !watch->upstream->config->inject;
}

static void on_far_data(void *owner, uint8_t *data, size_t len)
{
	struct watch *watch = owner;

	if (!watch->has_answered && len > CONNACK_CODE &&
	    mqtt_type_of(data[0]) == MQTT_CONNACK) {
		watch->has_answered = true;
		watch->is_refused = data[CONNACK_CODE] != 0;
		set_reach(watch, is_good(watch, data[CONNACK_CODE])
		                     ? SHARED_REACH_UP
		                     : SHARED_REACH_DOWN);
	}
	pass(watch, watch->near, (struct slice){ data, len });
}

static void on_far_open(void *owner)
{
	struct watch *watch = owner;

	note_failures(watch);
	enter(watch);
	pass(watch, watch->far,
	     (struct slice){ watch->connect, watch->connect_len });
}

static void on_far_failed(void *owner, bool was_tried)
{
	(void)was_tried;
	note_failures(owner);
	hang_up(owner);
}

static void on_far_closed(void *owner)
{
	struct watch *watch = owner;

	/* After a refusal it has said all it had to say. */
	if (!watch->is_refused)
		set_reach(watch, SHARED_REACH_DOWN);
	hang_up(watch);
}

static void on_near_data(void *owner, uint8_t *data, size_t len)
{
	struct watch *watch = owner;

	pass(watch, watch->far, (struct slice){ data, len });
}

static void on_near_closed(void *owner)
{
	hang_up(owner);
}

static void on_nothing(void *owner)
{
	(void)owner;
}

static const struct stream_events far_events = {
	.on_open = on_far_open,
	.on_failed = on_far_failed,
	.on_data = on_far_data,
	.on_full = on_nothing,
	.on_drained = on_nothing,
	.on_closed = on_far_closed,
};

static const struct stream_events near_events = {
	.on_data = on_near_data,
	.on_full = on_nothing,
	.on_drained = on_nothing,
	.on_closed = on_near_closed,
};

/* The client. */

static bool write_connect(struct watch *watch,
                          const struct mqtt_connect *connect)
{
	const struct config_upstream *config = watch->upstream->config;
	struct mqtt_connect edited = *connect;
	size_t size = MQTT_COMPOSE_FRAME_BYTES + CLIENT_ID_BYTES;

	edited.client_id = slice_from_text(watch->client_id);
	if (config->inject) {
		edited.has_username = true;
		edited.username = slice_from_text(config->username.value);
		edited.has_password = config->password != NULL;
		edited.password =
		    (struct slice){ config->password, config->password_len };
		size += edited.username.len + edited.password.len;
	}
	watch->connect = malloc(size);
	if (!watch->connect)
		return false;
	watch->connect_len =
	    mqtt_compose_connect(watch->connect, size, &edited);
	return true;
}

static void on_arrival(void *owner, struct stream *stream,
                       const struct mqtt_connect *connect)
{
	struct watch *watch = owner;

	hang_up(watch);
	watch->has_answered = false;
	watch->is_refused = false;
	watch->near = stream;
	stream_set_owner(stream, &near_events, watch);
	if (write_connect(watch, connect))
		watch->far = stream_open(watch->probe->streams, watch->upstream,
		                         NULL, &far_events, watch);
	if (!watch->far)
		hang_up(watch);
}

static void on_retry(uv_timer_t *timer)
{
	struct watch *watch = timer->data;

	if (!client_connect(watch->client))
		uv_timer_start(&watch->retry, on_retry, RETRY_MS, 0);
}

static void on_lost(void *owner)
{
	struct watch *watch = owner;

	hang_up(watch);
	uv_timer_start(&watch->retry, on_retry, RETRY_MS, 0);
}

static const struct client_events client_events = {
	.on_arrival = on_arrival,
	.on_lost = on_lost,
	.on_broken = on_lost,
};

/* From the first to the last. */

static bool name_client(struct watch *watch)
{
	char *at = stpcpy(watch->client_id, CLIENT_ID_PREFIX);

	return random_hex(at, CLIENT_ID_OCTETS);
}

static bool begin(struct watch *watch, struct client_room *clients)
{
	const struct client_settings settings = {
		.version = MQTT_LEVEL_3_1_1, /* of the oldest brokers too */
		.keep_alive_s = KEEP_ALIVE_S,
		.connect_limit_s =
		    (uint16_t)(CONNACK_S +
		               watch->upstream->config->connect_timeout_ms /
		                   1000),
	};

	if (!name_client(watch))
		return false;
	watch->client = client_open(clients, &settings, &client_events, watch);
	if (!watch->client)
		return false;
	uv_timer_init(watch->probe->streams->loop, &watch->retry);
	watch->retry.data = watch;
	watch->probe->handles++;
	uv_timer_start(&watch->retry, on_retry, 0, 0);
	return true;
}

struct probe *probe_create(const struct probe_setup *setup)
{
	struct probe *probe =
	    calloc(1, sizeof *probe + setup->count * sizeof probe->watches[0]);

	if (!probe)
		return NULL;
	probe->streams = setup->streams;
	probe->shared = setup->shared;
	probe->archive = setup->archive;
	probe->worker = setup->worker;
	for (size_t i = 0; i < setup->count; i++) {
		struct watch *watch = &probe->watches[probe->count++];

		watch->probe = probe;
		watch->upstream = setup->upstreams[i];
		if (!begin(watch, setup->clients)) {
			probe_destroy(probe);
			return NULL;
		}
	}
	return probe;
}

static void on_closed(uv_handle_t *handle)
{
	struct watch *watch = handle->data;

	if (--watch->probe->handles == 0)
		free(watch->probe);
}

void probe_destroy(struct probe *probe)
{
	if (!probe)
		return;
	for (size_t i = 0; i < probe->count; i++) {
		struct watch *watch = &probe->watches[i];

		hang_up(watch);
		client_close(watch->client);
		if (watch->client)
			uv_close((uv_handle_t *)&watch->retry, on_closed);
	}
}
