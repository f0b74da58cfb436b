/* SPDX-License-Identifier: Apache-2.0 */
#include "upstream/client.h"

#include <stdlib.h>
#include <string.h>

#include "base/mailbox.h"
#include "base/random.h"
#include "upstream/loopback.h"
#include "upstream/news.h"
#include "upstream/order.h"
#include "upstream/pacemaker.h"
#include "upstream/paho.h"

#define TOKEN_OCTETS 16

struct client {
	struct client_room *room;
	const struct client_events *events;
	void *owner;
	uint64_t id; /* slot and generation */
	char token[2 * TOKEN_OCTETS + 1];
	struct order *closing; /* there has to be memory for it at the end */
};

struct client_room {
	struct stream_room *streams;
	struct loopback *loopback;
	struct paho *paho;
	struct pacemaker *pacemaker;
	struct mailbox news;
	uv_async_t due; /* there are news */
	uint64_t generation;
	size_t last_slot;
	size_t count;
	struct client *clients[PAHO_SLOTS];
};

/* News. */

static void tell(const struct client *client, const struct news *news)
{
	const struct client_events *events = client->events;

	switch (news->type) {
	case NEWS_CONNECTED:
		if (events->on_connected)
			events->on_connected(client->owner, news->has_session,
			                     news->receive_max);
		break;
	case NEWS_LOST:
		events->on_lost(client->owner);
		break;
	case NEWS_WRITTEN:
		if (events->on_written)
			events->on_written(client->owner, news->number);
		break;
	case NEWS_ANSWERED:
		if (events->on_answer)
			events->on_answer(client->owner, news->number,
			                  news->bytes, news->code_count);
		break;
	case NEWS_INTERRUPTED:
		if (events->on_interrupted)
			events->on_interrupted(client->owner, news->number);
		break;
	case NEWS_MESSAGE:
		if (events->on_message)
			events->on_message(client->owner, &news->message);
		break;
	case NEWS_BROKEN:
		events->on_broken(client->owner);
		break;
	}
}

static void on_news(uv_async_t *async)
{
	struct client_room *room = async->data;
	struct mailbox_item *item = mailbox_take(&room->news);

	while (item) {
		struct news *news = (struct news *)item;
		struct client *client =
		    room->clients[news->client & (PAHO_SLOTS - 1)];

		item = item->next;
		if (client && client->id == news->client)
			tell(client, news);
		news_destroy(news);
	}
}

static void wake(void *owner)
{
	struct client_room *room = owner;

	uv_async_send(&room->due);
}

static bool on_arrival(void *owner, struct slice token, struct stream *stream,
                       const struct mqtt_connect *connect)
{
	struct client_room *room = owner;

	for (size_t i = 0; i < PAHO_SLOTS; i++) {
		struct client *client = room->clients[i];

		if (!client || !slice_is(token, client->token))
			continue;
		client->events->on_arrival(client->owner, stream, connect);
		return true;
	}
	return false;
}

static void on_accepted(void *owner)
{
	struct client_room *room = owner;

	pacemaker_beat(room->pacemaker);
}

static const struct loopback_events loopback_events = {
	.on_accepted = on_accepted,
	.on_arrival = on_arrival,
};

/* The room. */

static void on_async_closed(uv_handle_t *handle)
{
	free(handle->data);
}

struct client_room *client_room_create(struct stream_room *streams)
{
	struct client_room *room = calloc(1, sizeof *room);

	if (!room)
		return NULL;
	room->streams = streams;
	uv_async_init(streams->loop, &room->due, on_news);
	room->due.data = room;
	room->loopback = loopback_create(streams, &loopback_events, room);
	if (room->loopback && mailbox_init(&room->news, wake, room))
		room->paho = paho_start(&room->news);
	if (room->paho)
		room->pacemaker = pacemaker_create(room, streams->loop);
	if (room->pacemaker)
		return room;
	client_room_destroy(room);
	return NULL;
}

static void forget_news(struct client_room *room)
{
	struct mailbox_item *item = mailbox_take(&room->news);

	while (item) {
		struct news *news = (struct news *)item;

		item = item->next;
		news_destroy(news);
	}
	mailbox_finish(&room->news);
}

void client_room_destroy(struct client_room *room)
{
	if (!room)
		return;
	pacemaker_destroy(room->pacemaker);
	paho_stop(room->paho);
	if (room->paho)
		forget_news(room);
	loopback_destroy(room->loopback);
	uv_close((uv_handle_t *)&room->due, on_async_closed);
}

size_t client_room_count(const struct client_room *room)
{
	return room ? room->count - 1 : 0; /* less the pacemaker's */
}

size_t client_room_orders(const struct client_room *room)
{
	return room ? paho_orders(room->paho) : 0;
}

/* A client. */

/* Not the one that became free last: late news would find it. */
static size_t free_slot(const struct client_room *room)
{
	size_t slot = room->last_slot;

	for (size_t i = 0; i < PAHO_SLOTS; i++) {
		slot = (slot + 1) & (PAHO_SLOTS - 1);
		if (!room->clients[slot])
			return slot;
	}
	return PAHO_SLOTS;
}

static struct order *write_opening(const struct client *client,
                                   const struct client_settings *settings)
{
	struct order *order = order_create(ORDER_OPEN, client->id, 0);

	if (!order)
		return NULL;
	order->settings = (struct order_settings){
		.port = loopback_port(client->room->loopback),
		.version = settings->version,
		.keep_alive_s = settings->keep_alive_s,
		.connect_limit_s = settings->connect_limit_s,
		.expiry_s = settings->expiry_s,
		.begins_clean = settings->begins_clean,
		.has_will = settings->will != NULL,
	};
	memcpy(order->settings.token, client->token, sizeof client->token);
	order->spare = news_create(NEWS_BROKEN, client->id, 0, 0);
	if (order->spare &&
	    (!settings->will || order_put_message(order, settings->will)))
		return order;
	order_destroy(order);
	return NULL;
}

struct client *client_open(struct client_room *room,
                           const struct client_settings *settings,
                           const struct client_events *events, void *owner)
{
	size_t slot = free_slot(room);
	struct client *client =
	    slot < PAHO_SLOTS ? calloc(1, sizeof *client) : NULL;
	struct order *opening = NULL;

	if (!client)
		return NULL;
	client->room = room;
	client->events = events;
	client->owner = owner;
	client->id = ++room->generation << PAHO_SLOT_BITS | slot;
	client->closing = order_create(ORDER_CLOSE, client->id, 0);
	if (client->closing && random_hex(client->token, TOKEN_OCTETS))
		opening = write_opening(client, settings);
	if (!opening) {
		order_destroy(client->closing);
		free(client);
		return NULL;
	}
	paho_send(room->paho, opening);
	room->clients[slot] = client;
	room->last_slot = slot;
	room->count++;
	return client;
}

void client_close(struct client *client)
{
	if (!client)
		return;
	paho_send(client->room->paho, client->closing);
	client->room->clients[client->id & (PAHO_SLOTS - 1)] = NULL;
	client->room->count--;
	free(client);
}

static bool send_order(const struct client *client, struct order *order)
{
	if (!order)
		return false;
	paho_send(client->room->paho, order);
	pacemaker_nudge(client->room->pacemaker);
	return true;
}

bool client_connect(struct client *client)
{
	return send_order(client, order_create(ORDER_CONNECT, client->id, 0));
}

bool client_publish(struct client *client, uint64_t number,
                    const struct message *message)
{
	struct order *order = order_create(ORDER_PUBLISH, client->id, number);

	if (order && order_put_message(order, message))
		return send_order(client, order);
	order_destroy(order);
	return false;
}

static bool send_filters(struct client *client, enum order_type type,
                         uint64_t number, const struct client_filter *filters,
                         size_t count)
{
	struct order *order = order_create(type, client->id, number);
	bool is_good = order && order_put_filters(order, count);

	for (size_t i = 0; is_good && i < count; i++)
		is_good =
		    order_put_filter(order, filters[i].filter, filters[i].qos);
	if (is_good)
		return send_order(client, order);
	order_destroy(order);
	return false;
}

bool client_subscribe(struct client *client, uint64_t number,
                      const struct client_filter *filters, size_t count)
{
	return send_filters(client, ORDER_SUBSCRIBE, number, filters, count);
}

bool client_unsubscribe(struct client *client, uint64_t number,
                        const struct client_filter *filters, size_t count)
{
	return send_filters(client, ORDER_UNSUBSCRIBE, number, filters, count);
}
