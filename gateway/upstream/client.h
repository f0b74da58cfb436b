/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A client of ours at a broker: for a page that speaks no MQTT, and for the
 * look whether a broker is ready.
 *
 * Paho speaks the protocol (upstream/paho), but its bytes come back to us by
 * loopback: whoever opened the client gets its connection as a stream and
 * sends it on, judged like a browser's. All of this is the event loop's side.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <uv.h>

#include "base/attribute.h"
#include "mqtt/connect.h"
#include "upstream/message.h"
#include "upstream/stream.h"

struct client;
struct client_room;

struct client_settings {
	uint8_t version; /* 4 or 5 */
	uint16_t keep_alive_s;
	uint16_t connect_limit_s; /* from client_connect to CONNACK */
	uint32_t expiry_s; /* the broker keeps its session so long; 0: not */
	bool begins_clean; /* what the broker has of its id is not its own */
	const struct message *will; /* NULL: none; copied */
};

struct client_filter {
	struct slice filter;
	uint8_t qos;
};

/*
 * None is called from inside the calls below; after client_close none is.
 * Those of what its owner never asks for may be NULL.
 */
struct client_events {
	/*
	 * Its connection has come. The owner takes `stream`, and sets who
	 * hears of it; CONNECT is borrowed and its client id is a token.
	 */
	void (*on_arrival)(void *owner, struct stream *stream,
	                   const struct mqtt_connect *connect);
	void (*on_connected)(void *owner, bool has_session,
	                     uint16_t receive_max);
	/* Connecting failed, or it is lost: client_connect may be called. */
	void (*on_lost)(void *owner);
	/* QoS 0 has left Paho. */
	void (*on_written)(void *owner, uint64_t number);
	/* A code for each filter, or the one of a PUBLISH [MQTT5 2.4]. */
	void (*on_answer)(void *owner, uint64_t number, const uint8_t *codes,
	                  size_t count);
	/* There will be no answer: it may be asked for again. */
	void (*on_interrupted)(void *owner, uint64_t number);
	void (*on_message)(void *owner, const struct message *message);
	/* There was no memory for news: it is of no use any more. */
	void (*on_broken)(void *owner);
};

/* Starts the thread of Paho; borrows `streams`. NULL: it cannot. */
struct client_room *client_room_create(struct stream_room *streams);

/*
 * Ends it; no client but its own is left. Its memory goes when the loop has
 * closed its handles. Accepts NULL.
 */
void client_room_destroy(struct client_room *room);

/*
 * How many clients have an owner outside, and how many orders, of whomever,
 * Paho's thread has not got round to. Accept NULL.
 */
size_t client_room_count(const struct client_room *room);
size_t client_room_orders(const struct client_room *room);

/* NULL: no memory, or no slot is free. Borrows `events`. */
struct client *client_open(struct client_room *room,
                           const struct client_settings *settings,
                           const struct client_events *events, void *owner);

/* Accepts NULL. */
void client_close(struct client *client);

/* Connects it; between two calls on_lost comes. False: no memory. */
bool client_connect(struct client *client) MUST_CHECK;

/*
 * Ask for something that has a `number` of the owner's choice. False: no
 * memory, and nothing is asked for. Not to be called before on_connected. Of
 * what has not been answered when the connection is lost: a PUBLISH comes to
 * its end once it is back, or is interrupted; what is subscribed to or from
 * is to be asked for again.
 */
bool client_publish(struct client *client, uint64_t number,
                    const struct message *message) MUST_CHECK;
bool client_subscribe(struct client *client, uint64_t number,
                      const struct client_filter *filters,
                      size_t count) MUST_CHECK;
bool client_unsubscribe(struct client *client, uint64_t number,
                        const struct client_filter *filters,
                        size_t count) MUST_CHECK;
