/* SPDX-License-Identifier: Apache-2.0 */
#include "upstream/loopback.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/backlog.h"
#include "base/failure.h"
#include "base/socket.h"
#include "mqtt/scanner.h"

#define CONNECT_MS 1000      /* for the whole CONNECT */
#define CONNECT_BYTES 131072 /* that it may have: a will is in it */
#define QUEUE 1024
#define REST_MS 100 /* without a descriptor for more */

/* Has connected, and not yet said who it is. */
struct visitor {
	struct loopback *loopback;
	struct visitor *next;
	struct visitor *previous;
	struct stream *stream;
	struct mqtt_scanner scanner;
	uv_timer_t timer;
};

struct loopback {
	struct stream_room *streams;
	const struct loopback_events *events;
	void *owner;
	struct visitor *first;
	uint16_t port;
	int fd;
	int handles; /* of these, not closed yet */
	uv_poll_t poll;
	uv_timer_t rest;
};

static void on_timer_closed(uv_handle_t *handle)
{
	struct visitor *visitor = handle->data;

	mqtt_scanner_finish(&visitor->scanner);
	free(visitor);
}

/* It leaves; its stream goes with it unless somebody took that. */
static void leave(struct visitor *visitor)
{
	if (visitor->previous)
		visitor->previous->next = visitor->next;
	else
		visitor->loopback->first = visitor->next;
	if (visitor->next)
		visitor->next->previous = visitor->previous;
	stream_close(visitor->stream);
	uv_close((uv_handle_t *)&visitor->timer, on_timer_closed);
}

static void introduce(struct visitor *visitor, struct slice packet)
{
	struct loopback *loopback = visitor->loopback;
	struct mqtt_connect connect;

	if (mqtt_connect_read(packet, &connect) == MQTT_CONNECT_OK &&
	    loopback->events->on_arrival(loopback->owner, connect.client_id,
	                                 visitor->stream, &connect))
		visitor->stream = NULL;
	leave(visitor);
}

/* A client of ours says no more than its CONNECT before it has an answer. */
static void on_data(void *owner, uint8_t *data, size_t len)
{
	struct visitor *visitor = owner;
	struct slice in = { data, len };
	struct slice out;

	switch (mqtt_scan(&visitor->scanner, &in, &out)) {
	case MQTT_SCAN_MORE:
		break;
	case MQTT_SCAN_HEAD:
		introduce(visitor, out);
		break;
	case MQTT_SCAN_BODY:
	case MQTT_SCAN_MALFORMED:
	case MQTT_SCAN_TOO_LARGE:
	case MQTT_SCAN_MEMORY:
		leave(visitor);
		break;
	}
}

static void on_nothing(void *owner)
{
	(void)owner;
}

static void on_closed(void *owner)
{
	leave(owner);
}

static const struct stream_events visitor_events = {
	.on_data = on_data,
	.on_full = on_nothing,
	.on_drained = on_nothing,
	.on_closed = on_closed,
};

static void on_late(uv_timer_t *timer)
{
	leave(timer->data);
}

/*
 * A PINGRESP that nobody asked for, and nobody minds: Paho looks whether its
 * connect is through only when there is something to read.
 */
static void greet(const struct visitor *visitor)
{
	static const uint8_t pingresp[] = { 0xD0, 0x00 };

	(void)!stream_send(visitor->stream,
	                   (struct slice){ pingresp, sizeof pingresp });
}

static void receive(struct loopback *loopback, int fd)
{
	struct visitor *visitor = calloc(1, sizeof *visitor);

	if (visitor)
		visitor->stream = stream_adopt(loopback->streams, fd,
		                               &visitor_events, visitor);
	if (!visitor || !visitor->stream) {
		free(visitor);
		close(fd);
		return;
	}
	visitor->loopback = loopback;
	visitor->next = loopback->first;
	if (visitor->next)
		visitor->next->previous = visitor;
	loopback->first = visitor;
	mqtt_scanner_init(&visitor->scanner, MQTT_SENDER_CLIENT, CONNECT_BYTES,
	                  CONNECT_BYTES);
	uv_timer_init(loopback->streams->loop, &visitor->timer);
	visitor->timer.data = visitor;
	uv_timer_start(&visitor->timer, on_late, CONNECT_MS, 0);
	greet(visitor);
	loopback->events->on_accepted(loopback->owner);
}

static void on_acceptable(uv_poll_t *poll, int status, int events);

static void on_rested(uv_timer_t *timer)
{
	struct loopback *loopback = timer->data;

	uv_poll_start(&loopback->poll, UV_READABLE, on_acceptable);
}

static void on_acceptable(uv_poll_t *poll, int status, int events)
{
	struct loopback *loopback = poll->data;
	int fd;

	(void)status;
	(void)events;
	while ((fd = accept4(loopback->fd, NULL, NULL,
	                     SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
		socket_tune(fd);
		receive(loopback, fd);
	}
	if (errno != EMFILE && errno != ENFILE && errno != EPERM)
		return;
	uv_poll_stop(&loopback->poll);
	uv_timer_start(&loopback->rest, on_rested, REST_MS, 0);
}

static bool listen_at(int fd, struct sockaddr_in *address)
{
	socklen_t len = sizeof *address;

	if (bind(fd, (struct sockaddr *)address, len) != 0)
		return failure_of("bind", errno);
	if (listen(fd, QUEUE) != 0)
		return failure_of("listen", errno);
	return getsockname(fd, (struct sockaddr *)address, &len) == 0 ||
	       failure_of("getsockname", errno);
}

/* A free port, or -1. */
static int open_port(uint16_t *port)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0) {
		failure_of("socket", errno);
		return -1;
	}
	if (listen_at(fd, &address)) {
		*port = ntohs(address.sin_port);
		return fd;
	}
	close(fd);
	return -1;
}

struct loopback *loopback_create(struct stream_room *streams,
                                 const struct loopback_events *events,
                                 void *owner)
{
	struct loopback *loopback = calloc(1, sizeof *loopback);

	if (!loopback)
		return NULL;
	loopback->streams = streams;
	loopback->events = events;
	loopback->owner = owner;
	loopback->fd = open_port(&loopback->port);
	if (loopback->fd >= 0 &&
	    uv_poll_init(streams->loop, &loopback->poll, loopback->fd) == 0) {
		uv_timer_init(streams->loop, &loopback->rest);
		loopback->poll.data = loopback;
		loopback->rest.data = loopback;
		loopback->handles = 2;
		uv_poll_start(&loopback->poll, UV_READABLE, on_acceptable);
		return loopback;
	}
	if (loopback->fd >= 0)
		close(loopback->fd);
	free(loopback);
	return NULL;
}

static void on_handle_closed(uv_handle_t *handle)
{
	struct loopback *loopback = handle->data;

	if (--loopback->handles > 0)
		return;
	close(loopback->fd);
	free(loopback);
}

void loopback_destroy(struct loopback *loopback)
{
	if (!loopback)
		return;
	while (loopback->first)
		leave(loopback->first);
	uv_close((uv_handle_t *)&loopback->poll, on_handle_closed);
	uv_close((uv_handle_t *)&loopback->rest, on_handle_closed);
}

uint16_t loopback_port(const struct loopback *loopback)
{
	return loopback->port;
}
