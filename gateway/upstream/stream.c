/* SPDX-License-Identifier: Apache-2.0 */
#include "upstream/stream.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/backlog.h"
#include "base/socket.h"
#include "upstream/cable.h"
#include "upstream/failover.h"

#define LINGER_MS 5000 /* for the last bytes and the broker's own end */
#define SMALL_BYTES (SOCKET_CHUNK_BYTES / 2) /* below it a copy is cheaper */

enum stream_state {
	STREAM_DIALING = 0,
	STREAM_OPEN,
	STREAM_LOST,      /* waits for its owner to close it */
	STREAM_LINGERING, /* closed by its owner: flush, then the end */
};

struct stream {
	struct stream_room *room;
	const struct stream_events *events;
	void *owner;
	struct failover *failover; /* while dialing */
	enum stream_state state;
	int watched;    /* UV_READABLE | UV_WRITABLE as asked for last */
	bool is_paused; /* the owner wants no bytes */
	bool is_hasty;  /* acknowledges each read at once */
	bool is_broken; /* the broker takes no more bytes */
	bool is_ending; /* the end is to be told, once there is room for it */
	bool was_heard; /* the broker has said something */
	struct target *target; /* NULL: adopted */
	struct cable cable;
	int handles; /* of the two below, not closed yet */
	uv_poll_t poll;
	uv_timer_t timer; /* to read on; once closed by its owner: the end */
	struct backlog backlog;
	char remote[SOCKET_TEXT_BYTES];
	char local[SOCKET_TEXT_BYTES];
};

static void on_turn_end(uv_prepare_t *prepare);

bool stream_room_init(struct stream_room *room, uv_loop_t *loop,
                      struct shared *shared)
{
	*room = (struct stream_room){ .loop = loop, .shared = shared };
	uv_prepare_init(loop, &room->turn_end);
	room->turn_end.data = room;
	uv_prepare_start(&room->turn_end, on_turn_end);
	room->resolver = resolver_create(loop);
	room->chunk = malloc(STREAM_HEADROOM + SOCKET_CHUNK_BYTES);
	room->gathered = malloc(SOCKET_CHUNK_BYTES);
	return room->resolver && room->chunk && room->gathered;
}

void stream_room_close(struct stream_room *room)
{
	uv_close((uv_handle_t *)&room->turn_end, NULL);
}

void stream_room_finish(struct stream_room *room)
{
	assert(room->lingering == 0 && room->waiting == 0);
	resolver_destroy(room->resolver);
	free(room->chunk);
	free(room->gathered);
}

static void on_poll(uv_poll_t *poll, int status, int events);
static void on_more(uv_timer_t *timer);

bool stream_is_full(const struct stream *stream)
{
	return backlog_peek(&stream->backlog).len > 0;
}

/* What the socket did not take; false: no memory. */
static bool keep(struct stream *stream, struct slice bytes)
{
	if (!backlog_put(&stream->backlog, bytes))
		return false;
	stream->room->waiting += bytes.len;
	return true;
}

static void drop(struct stream *stream, size_t len)
{
	backlog_drop(&stream->backlog, len);
	stream->room->waiting -= len;
}

static bool is_read(const struct stream *stream)
{
	return stream->state == STREAM_LINGERING ||
	       (stream->state == STREAM_OPEN && !stream->is_paused);
}

static void watch(struct stream *stream)
{
	int wanted = 0;

	if (is_read(stream) || stream->cable.waits_for_bytes)
		wanted |= UV_READABLE;
	if (stream_is_full(stream) || stream->is_ending ||
	    (is_read(stream) && stream->cable.waits_for_room))
		wanted |= UV_WRITABLE;
	if (stream->state == STREAM_LOST)
		wanted = 0;
	if (wanted == stream->watched)
		return;
	stream->watched = wanted;
	if (wanted == 0)
		uv_poll_stop(&stream->poll);
	else
		uv_poll_start(&stream->poll, wanted, on_poll);
}

static void on_handle_closed(uv_handle_t *handle)
{
	struct stream *stream = handle->data;

	if (--stream->handles > 0)
		return;
	cable_close(&stream->cable);
	drop(stream, backlog_peek(&stream->backlog).len);
	backlog_finish(&stream->backlog);
	stream->room->lingering--;
	free(stream);
}

static void destroy(struct stream *stream)
{
	uv_close((uv_handle_t *)&stream->poll, on_handle_closed);
	uv_close((uv_handle_t *)&stream->timer, on_handle_closed);
}

bool stream_is_refused(const struct stream *stream)
{
	return !stream->was_heard && stream->cable.why != NULL;
}

/* TLS that was broken off is the broker's failure, and nobody else's. */
static void blame(const struct stream *stream)
{
	if (stream->target && stream->cable.why)
		target_failed(stream->target, uv_now(stream->room->loop),
		              "upstream lost",
		              stream->was_heard ? CLOSE_UPSTREAM_CLOSED
		                                : CLOSE_UPSTREAM_UNREACHABLE,
		              stream->cable.why);
}

/* The broker has ended it, or the line is cut. */
static void lose(struct stream *stream)
{
	if (stream->state == STREAM_LINGERING) {
		destroy(stream);
		return;
	}
	stream->state = STREAM_LOST;
	watch(stream);
	blame(stream);
	stream->events->on_closed(stream->owner);
}

/* What the cable holds comes in a turn of its own, as from the socket. */
static void read_on(struct stream *stream)
{
	if (stream->state == STREAM_OPEN && !stream->is_paused &&
	    cable_holds(&stream->cable))
		uv_timer_start(&stream->timer, on_more, 0, 0);
}

/* The owner may close it while he hears of the bytes: it lingers then. */
static void read_chunk(struct stream *stream)
{
	uint8_t *data = stream->room->chunk + STREAM_HEADROOM;
	size_t len;

	if (!cable_read(&stream->cable, data, SOCKET_CHUNK_BYTES, &len)) {
		lose(stream);
		return;
	}
	if (stream->is_hasty)
		socket_acknowledge(stream->cable.fd);
	if (len > 0 && stream->state == STREAM_OPEN) {
		if (!stream->was_heard && stream->target)
			target_answered(stream->target);
		stream->was_heard = true;
		stream->events->on_data(stream->owner, data, len);
	}
	read_on(stream);
	watch(stream);
}

static void on_more(uv_timer_t *timer)
{
	struct stream *stream = timer->data;

	if (stream->state == STREAM_OPEN && !stream->is_paused)
		read_chunk(stream);
}

/*
 * How much of `bytes` the socket took. A broker that takes no more may still
 * have sent why, so the end is found by reading, not here.
 */
static size_t write_some(struct stream *stream, struct slice bytes)
{
	size_t taken = bytes.len;

	if (!stream->is_broken)
		stream->is_broken = !cable_write(&stream->cable, bytes, &taken);
	return stream->is_broken ? bytes.len : taken;
}

static void send_end(struct stream *stream)
{
	stream->is_ending = !cable_end(&stream->cable);
	watch(stream);
}

static void flush(struct stream *stream)
{
	struct slice waiting = backlog_peek(&stream->backlog);

	drop(stream, write_some(stream, waiting));
	if (backlog_peek(&stream->backlog).len > 0)
		return;
	watch(stream);
	if (stream->state == STREAM_LINGERING)
		send_end(stream);
	else
		stream->events->on_drained(stream->owner);
}

/* The broker has cut it, and no poll tells more; what came before is there. */
static void reset(struct stream *stream)
{
	stream->watched = 0;
	stream->cable.is_reset = true;
	if (stream->state == STREAM_OPEN && !stream->is_paused)
		read_chunk(stream);
	else
		lose(stream);
}

static void write_on(struct stream *stream)
{
	if (stream_is_full(stream))
		flush(stream);
	else if (stream->is_ending)
		send_end(stream);
}

/*
 * Either step may end the stream for its owner; what is left is lingering. In
 * TLS each may have waited for the other one's event.
 */
static void on_poll(uv_poll_t *poll, int status, int events)
{
	struct stream *stream = poll->data;
	bool may_read =
	    (events & UV_READABLE) != 0 || stream->cable.waits_for_room;

	if (status < 0) {
		reset(stream);
		return;
	}
	if ((events & UV_WRITABLE) != 0 || stream->cable.waits_for_bytes)
		write_on(stream);
	if (may_read && is_read(stream))
		read_chunk(stream);
}

static bool attach(struct stream *stream, struct cable cable)
{
	stream->cable = cable;
	if (uv_poll_init(stream->room->loop, &stream->poll, cable.fd) < 0)
		return false;
	uv_timer_init(stream->room->loop, &stream->timer);
	stream->poll.data = stream;
	stream->timer.data = stream;
	stream->handles = 2;
	socket_remote_text(cable.fd, stream->remote, sizeof stream->remote);
	socket_local_text(cable.fd, stream->local, sizeof stream->local);
	stream->state = STREAM_OPEN;
	watch(stream);
	return true;
}

static void on_reached(void *owner, struct cable cable, struct target *target,
                       bool was_tried)
{
	struct stream *stream = owner;

	stream->failover = NULL;
	stream->target = target;
	if (cable.fd >= 0 && attach(stream, cable)) {
		stream->events->on_open(stream->owner);
		read_on(stream);
		return;
	}
	if (cable.fd >= 0)
		cable_close(&cable);
	stream->events->on_failed(stream->owner, was_tried);
}

static struct stream *create(struct stream_room *room,
                             const struct stream_events *events, void *owner)
{
	struct stream *stream = calloc(1, sizeof *stream);

	if (!stream)
		return NULL;
	stream->room = room;
	stream_set_owner(stream, events, owner);
	return stream;
}

static struct stream *dial(struct stream *stream,
                           const struct failover_way *way)
{
	if (!stream)
		return NULL;
	stream->failover = failover_open(way, on_reached, stream);
	if (stream->failover)
		return stream;
	free(stream);
	return NULL;
}

struct stream *stream_open(struct stream_room *room, struct upstream *upstream,
                           const struct stream_guest *guest,
                           const struct stream_events *events, void *owner)
{
	struct failover_way way = {
		.loop = room->loop,
		.resolver = room->resolver,
		.upstream = upstream,
	};

	if (guest) {
		way.shared = room->shared;
		way.turn_ms = guest->turn_ms;
		way.client = guest->client;
		way.local = guest->local;
	}
	return dial(create(room, events, owner), &way);
}

struct stream *stream_adopt(struct stream_room *room, int fd,
                            const struct stream_events *events, void *owner)
{
	struct stream *stream = create(room, events, owner);

	if (stream && attach(stream, cable_of(fd, NULL)))
		return stream;
	free(stream);
	return NULL;
}

void stream_set_owner(struct stream *stream, const struct stream_events *events,
                      void *owner)
{
	stream->events = events;
	stream->owner = owner;
}

/* Writes at once; what the socket refuses waits, and the owner is told. */
static bool write_now(struct stream *stream, struct slice bytes)
{
	bool was_full = stream_is_full(stream);

	if (!was_full)
		(void)slice_take(&bytes, write_some(stream, bytes));
	if (!keep(stream, bytes))
		return false;
	watch(stream);
	if (!was_full && stream_is_full(stream) && stream->state == STREAM_OPEN)
		stream->events->on_full(stream->owner);
	return true;
}

/* Without memory for the rest the stream cannot go on: it is cut. */
static void send_gathered(struct stream_room *room)
{
	struct stream *stream = room->gatherer;
	struct slice bytes = { room->gathered, room->gathered_len };

	room->gatherer = NULL;
	room->gathered_len = 0;
	if (stream && !write_now(stream, bytes))
		cable_cut(&stream->cable);
}

static void on_turn_end(uv_prepare_t *prepare)
{
	send_gathered(prepare->data);
}

static void gather(struct stream *stream, struct slice bytes)
{
	struct stream_room *room = stream->room;

	if (room->gatherer != stream ||
	    bytes.len > SOCKET_CHUNK_BYTES - room->gathered_len)
		send_gathered(room);
	memcpy(room->gathered + room->gathered_len, bytes.data, bytes.len);
	room->gathered_len += bytes.len;
	room->gatherer = stream;
}

bool stream_send(struct stream *stream, struct slice bytes)
{
	if (bytes.len == 0)
		return true;
	if (bytes.len < SMALL_BYTES) {
		gather(stream, bytes);
		return true;
	}
	if (stream->room->gatherer == stream)
		send_gathered(stream->room);
	return write_now(stream, bytes);
}

void stream_pause(struct stream *stream)
{
	stream->is_paused = true;
	if (stream->state == STREAM_OPEN)
		watch(stream);
}

void stream_resume(struct stream *stream)
{
	stream->is_paused = false;
	if (stream->state != STREAM_OPEN)
		return;
	read_on(stream);
	watch(stream);
}

void stream_hasten(struct stream *stream)
{
	stream->is_hasty = true;
}

bool stream_is_paused(const struct stream *stream)
{
	return stream->is_paused;
}

static void on_linger_over(uv_timer_t *timer)
{
	destroy(timer->data);
}

static void linger(struct stream *stream)
{
	bool is_lost = stream->state == STREAM_LOST;

	stream->room->lingering++;
	stream->state = STREAM_LINGERING;
	if (stream->room->gatherer == stream)
		send_gathered(stream->room);
	if (is_lost) {
		destroy(stream);
		return;
	}
	uv_timer_start(&stream->timer, on_linger_over, LINGER_MS, 0);
	watch(stream);
	if (!stream_is_full(stream))
		send_end(stream);
}

void stream_close(struct stream *stream)
{
	if (!stream)
		return;
	if (stream->handles > 0) {
		linger(stream);
		return;
	}
	failover_cancel(stream->failover);
	free(stream);
}

const char *stream_remote(const struct stream *stream)
{
	return stream->remote;
}

const char *stream_local(const struct stream *stream)
{
	return stream->local;
}
