/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the clients of this worker connect to: a port of 127.0.0.1 that only
 * they can use.
 *
 * What comes must begin with a CONNECT whose client id is a token that its
 * client was given, within a second; anybody else is cut off.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <uv.h>

#include "base/attribute.h"
#include "mqtt/connect.h"
#include "upstream/stream.h"

struct loopback;

struct loopback_events {
	/* Somebody has connected, and Paho may have to be woken for it. */
	void (*on_accepted)(void *owner);
	/*
	 * A client has come: its stream, and its CONNECT, which is borrowed.
	 * False: nobody knows that token, and the stream is closed.
	 */
	bool (*on_arrival)(void *owner, struct slice token,
	                   struct stream *stream,
	                   const struct mqtt_connect *connect);
};

/* Borrows both rooms and events; NULL: no port, or no memory. */
struct loopback *loopback_create(struct stream_room *streams,
                                 const struct loopback_events *events,
                                 void *owner);

/* Stops; its memory goes when the loop has closed its handles. */
void loopback_destroy(struct loopback *loopback);

uint16_t loopback_port(const struct loopback *loopback);
