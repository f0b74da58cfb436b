/* SPDX-License-Identifier: Apache-2.0 */
#include "upstream/pacemaker.h"

#include <stdlib.h>

#include "base/slice.h"
#include "upstream/client.h"

#define BEAT_MS 500 /* below the second after which Paho rests */
#define NUDGE_MS 5  /* longer than what was ordered waits by itself */

struct pacemaker {
	struct client *client;
	struct stream *stream; /* NULL: not connected */
	uv_timer_t beat;
	uv_timer_t nudge;
	int handles; /* of these, not closed yet */
	bool is_connected;
	bool is_lost;
	bool is_nudging; /* not because of its own nudge */
};

static void send_octets(const struct pacemaker *pacemaker,
                        const uint8_t *octets, size_t len)
{
	if (pacemaker->stream && !stream_is_full(pacemaker->stream))
		(void)!stream_send(pacemaker->stream,
		                   (struct slice){ octets, len });
}

void pacemaker_beat(struct pacemaker *pacemaker)
{
	static const uint8_t pingresp[] = { 0xD0, 0x00 };

	if (pacemaker)
		send_octets(pacemaker, pingresp, sizeof pingresp);
}

/* Paho's sender wakes up, and looks at its clients' limits as well. */
static void wake_sender(struct pacemaker *pacemaker)
{
	static const struct message nothing = {
		.topic = { (const uint8_t *)"k", 1 },
	};

	pacemaker->is_nudging = true;
	if (pacemaker->is_connected)
		(void)!client_publish(pacemaker->client, 0, &nothing);
	pacemaker->is_nudging = false;
}

/*
 * The sender as well, though it wakes up each second by itself: it waits by
 * the wall clock, which may be set back while it does.
 */
static void on_beat(uv_timer_t *timer)
{
	struct pacemaker *pacemaker = timer->data;

	if (pacemaker->is_lost)
		pacemaker->is_lost = !client_connect(pacemaker->client);
	pacemaker_beat(pacemaker);
	wake_sender(pacemaker);
}

static void on_nudge(uv_timer_t *timer)
{
	wake_sender(timer->data);
}

void pacemaker_nudge(struct pacemaker *pacemaker)
{
	if (pacemaker && !pacemaker->is_nudging)
		uv_timer_start(&pacemaker->nudge, on_nudge, NUDGE_MS, 0);
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
	struct pacemaker *pacemaker = owner;

	(void)has_session;
	(void)receive_max;
	pacemaker->is_connected = true;
}

static void on_lost(void *owner)
{
	struct pacemaker *pacemaker = owner;

	pacemaker->is_connected = false;
	pacemaker->is_lost = true;
}

static const struct client_events client_events = {
	.on_arrival = on_arrival,
	.on_connected = on_connected,
	.on_lost = on_lost,
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
	uv_timer_init(loop, &pacemaker->beat);
	uv_timer_init(loop, &pacemaker->nudge);
	pacemaker->beat.data = pacemaker;
	pacemaker->nudge.data = pacemaker;
	pacemaker->handles = 2;
	pacemaker->is_lost = true;
	uv_timer_start(&pacemaker->beat, on_beat, 0, BEAT_MS);
	return pacemaker;
}

static void on_timer_closed(uv_handle_t *handle)
{
	struct pacemaker *pacemaker = handle->data;

	if (--pacemaker->handles == 0)
		free(pacemaker);
}

void pacemaker_destroy(struct pacemaker *pacemaker)
{
	if (!pacemaker)
		return;
	client_close(pacemaker->client);
	stream_close(pacemaker->stream);
	uv_close((uv_handle_t *)&pacemaker->beat, on_timer_closed);
	uv_close((uv_handle_t *)&pacemaker->nudge, on_timer_closed);
}
