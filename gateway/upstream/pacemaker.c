/* SPDX-License-Identifier: Apache-2.0 */
#include "upstream/pacemaker.h"

#include <stdlib.h>

#include "base/slice.h"
#include "upstream/client.h"

#define FAST_MS 3        /* while a client connects */
#define FAST_FOR_MS 2000 /* at most: one that takes longer waits for others */
#define SLOW_MS 500      /* below the second after which Paho rests */
#define RETRY_MS 1000

struct pacemaker {
	struct client *client;
	struct stream *stream; /* NULL: not connected */
	uv_timer_t timer;
	uint64_t fast_until_ms;
	size_t connecting;
	bool is_lost;
};

static void on_beat(uv_timer_t *timer);

static void set_beat(struct pacemaker *pacemaker, uint64_t ms)
{
	uv_timer_start(&pacemaker->timer, on_beat, ms, 0);
}

static void send_octets(struct pacemaker *pacemaker, const uint8_t *octets,
                        size_t len)
{
	if (pacemaker->stream && !stream_is_full(pacemaker->stream))
		(void)!stream_send(pacemaker->stream,
		                   (struct slice){ octets, len });
}

static bool is_fast(const struct pacemaker *pacemaker)
{
	return pacemaker->connecting > 0 &&
	       uv_now(pacemaker->timer.loop) < pacemaker->fast_until_ms;
}

static void on_beat(uv_timer_t *timer)
{
	static const uint8_t pingresp[] = { 0xD0, 0x00 };
	struct pacemaker *pacemaker = timer->data;

	if (pacemaker->is_lost) {
		pacemaker->is_lost = false;
		(void)!client_connect(pacemaker->client);
	}
	send_octets(pacemaker, pingresp, sizeof pingresp);
	set_beat(pacemaker, is_fast(pacemaker) ? FAST_MS : SLOW_MS);
}

/* Its stream. */

static void on_data(void *owner, uint8_t *data, size_t len)
{
	(void)owner; /* nothing that it says is of interest */
	(void)data;
	(void)len;
}

static void on_nothing(void *owner)
{
	(void)owner;
}

static void on_closed(void *owner)
{
	struct pacemaker *pacemaker = owner;

	stream_close(pacemaker->stream);
	pacemaker->stream = NULL;
}

static const struct stream_events stream_events = {
	.on_data = on_data,
	.on_full = on_nothing,
	.on_drained = on_nothing,
	.on_closed = on_closed,
};

/* Its client. */

static void on_arrival(void *owner, struct stream *stream,
                       const struct mqtt_connect *connect)
{
	static const uint8_t connack[] = { 0x20, 0x02, 0x00, 0x00 };
	struct pacemaker *pacemaker = owner;

	(void)connect;
	stream_close(pacemaker->stream);
	pacemaker->stream = stream;
	stream_set_owner(stream, &stream_events, pacemaker);
	send_octets(pacemaker, connack, sizeof connack);
}

static void on_connected(void *owner, bool has_session, uint16_t receive_max)
{
	(void)owner;
	(void)has_session;
	(void)receive_max;
}

static void on_lost(void *owner)
{
	struct pacemaker *pacemaker = owner;

	pacemaker->is_lost = true;
	set_beat(pacemaker, RETRY_MS);
}

static void on_number(void *owner, uint64_t number)
{
	(void)owner;
	(void)number;
}

static void on_answer(void *owner, uint64_t number, const uint8_t *codes,
                      size_t count)
{
	(void)owner;
	(void)number;
	(void)codes;
	(void)count;
}

static void on_message(void *owner, const struct message *message)
{
	(void)owner;
	(void)message;
}

static const struct client_events client_events = {
	.on_arrival = on_arrival,
	.on_connected = on_connected,
	.on_lost = on_lost,
	.on_written = on_number,
	.on_answer = on_answer,
	.on_interrupted = on_number,
	.on_message = on_message,
	.on_broken = on_lost,
};

struct pacemaker *pacemaker_create(struct client_room *room, uv_loop_t *loop)
{
	const struct client_settings settings = {
		.version = 4,
		.connect_limit_s = 30,
	};
	struct pacemaker *pacemaker = calloc(1, sizeof *pacemaker);

	if (!pacemaker)
		return NULL;
	pacemaker->client =
	    client_open(room, &settings, &client_events, pacemaker);
	if (!pacemaker->client) {
		free(pacemaker);
		return NULL;
	}
	uv_timer_init(loop, &pacemaker->timer);
	pacemaker->timer.data = pacemaker;
	pacemaker->is_lost = true;
	set_beat(pacemaker, 0);
	return pacemaker;
}

static void on_timer_closed(uv_handle_t *handle)
{
	free(handle->data);
}

void pacemaker_destroy(struct pacemaker *pacemaker)
{
	if (!pacemaker)
		return;
	client_close(pacemaker->client);
	stream_close(pacemaker->stream);
	uv_close((uv_handle_t *)&pacemaker->timer, on_timer_closed);
}

void pacemaker_will_connect(struct pacemaker *pacemaker)
{
	if (!pacemaker || pacemaker->is_lost)
		return;
	pacemaker->connecting++;
	pacemaker->fast_until_ms = uv_now(pacemaker->timer.loop) + FAST_FOR_MS;
	set_beat(pacemaker, FAST_MS);
}

void pacemaker_has_connected(struct pacemaker *pacemaker)
{
	if (pacemaker && pacemaker->connecting > 0)
		pacemaker->connecting--;
}
