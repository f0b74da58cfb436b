/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One byte stream to a broker, in TLS or plain: opened through the first of an
 * upstream's servers that answers, then read and written without a queue.
 *
 * What a socket does not take at once waits in the stream, and it says so:
 * the owner stops feeding until on_drained. It knows no MQTT.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <uv.h>

#include "base/attribute.h"
#include "base/slice.h"
#include "upstream/resolver.h"
#include "upstream/target.h"

struct shared;
struct sockaddr_storage;

#define STREAM_HEADROOM                                                        \
	1024 /* writable bytes in front of what on_data gets                   \
	      */

/* What all streams of a worker share. */
struct stream_room {
	uv_loop_t *loop;
	struct shared *shared; /* borrowed */
	struct resolver *resolver;
	uint8_t *chunk;    /* the read buffer, headroom included */
	size_t waiting;    /* octets that their sockets did not take yet */
	size_t lingering;  /* streams closed by their owner, not gone yet */
	uint8_t *gathered; /* small writes of this turn, of one stream */
	size_t gathered_len;
	struct stream *gatherer; /* whose they are; NULL: nobody's */
	uv_prepare_t turn_end;
};

bool stream_room_init(struct stream_room *room, uv_loop_t *loop,
                      struct shared *shared) MUST_CHECK;

/* Closes its handle; then, once the loop has run out, gives back the rest. */
void stream_room_close(struct stream_room *room);
void stream_room_finish(struct stream_room *room);

/* None is called from inside stream_open; after stream_close none is. */
struct stream_events {
	void (*on_open)(void *owner);
	/* No server could be reached, or it never was its turn. */
	void (*on_failed)(void *owner, bool was_tried);
	/* `data` is the worker's own buffer: it may be changed in place. */
	void (*on_data)(void *owner, uint8_t *data, size_t len);
	void (*on_full)(void *owner);    /* feed no more until on_drained */
	void (*on_drained)(void *owner); /* takes bytes again */
	void (*on_closed)(void *owner);  /* the broker closed or is lost */
};

struct stream;

/* Whose it is to be; borrowed for the call that opens it. */
struct stream_guest {
	uint64_t turn_ms; /* reserved for him; 0: none was */
	/* His address, and ours where he came in; NULL: not known. */
	const struct sockaddr_storage *client;
	const struct sockaddr_storage *local;
};

/*
 * Begins to connect when it is the guest's turn; that fails when too many
 * wait. Without a guest it is for somebody who only looks: he waits for no
 * turn, and that it fails is not logged. Borrows `room`, `upstream` and
 * `events` for the stream's life. NULL, and no event, when there is no memory.
 */
struct stream *stream_open(struct stream_room *room, struct upstream *upstream,
                           const struct stream_guest *guest,
                           const struct stream_events *events, void *owner);

/*
 * The same with a connected, non-blocking socket, which the stream has from
 * now on; on_open and on_failed do not come. NULL: no memory, and `fd` is the
 * caller's still.
 */
struct stream *stream_adopt(struct stream_room *room, int fd,
                            const struct stream_events *events, void *owner);

/* Somebody else hears of it from now on. */
void stream_set_owner(struct stream *stream, const struct stream_events *events,
                      void *owner);

/*
 * Writes, and keeps what the socket refuses: on_full tells. Small pieces of
 * one turn of the loop go together at its end, in one write. False when there
 * is no memory: only stream_close is left to do.
 */
bool stream_send(struct stream *stream, struct slice bytes) MUST_CHECK;

/* Whether something waits that the socket refused. */
bool stream_is_full(const struct stream *stream);

/* Stops and starts reading from the broker. */
void stream_pause(struct stream *stream);
void stream_resume(struct stream *stream);
bool stream_is_paused(const struct stream *stream);

/*
 * From now on what was read is acknowledged at once, for a call more each
 * time: where the other side would hold its next small packet back for it.
 */
void stream_hasten(struct stream *stream);

/*
 * Ends it, never with a DISCONNECT. What was accepted still goes out, within
 * a few seconds, before the broker sees the end. Accepts NULL.
 */
void stream_close(struct stream *stream);

/*
 * Whether the broker broke TLS off before it said anything: so it does with
 * those whose certificate it does not take, which they hear of that late.
 */
bool stream_is_refused(const struct stream *stream);

/* The broker's address and our own, as text; empty until on_open. */
const char *stream_remote(const struct stream *stream);
const char *stream_local(const struct stream *stream);
