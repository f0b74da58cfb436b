/* SPDX-License-Identifier: Apache-2.0 */
#include "front/gate.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include <uv.h>

#include "front/listener.h"
#include "front/room.h"
#include "front/trust.h"
#include "proxy/header.h"

struct gate {
	struct listener *listener;
	struct gate *next; /* on the room's list */
	struct sockaddr_storage address;
	int fd; /* -1: handed on, or closed */
	bool is_open;
	int handles; /* of the two below, not closed yet */
	uv_poll_t poll;
	uv_timer_t timer;
	size_t len; /* octets of the header so far */
	uint8_t seen[PROXY_HEADER_BYTES_MAX];
};

static void unlist(struct gate *gate)
{
	struct gate **at = &gate->listener->room->gates;

	while (*at != gate)
		at = &(*at)->next;
	*at = gate->next;
	gate->listener->room->connections--;
}

/* Only now, without a handle on it, may the socket have another owner. */
static void on_closed(uv_handle_t *handle)
{
	struct gate *gate = handle->data;

	if (--gate->handles > 0)
		return;
	unlist(gate);
	if (gate->is_open)
		listener_take(gate->listener, gate->fd, &gate->address);
	else
		close(gate->fd);
	free(gate);
}

static void end(struct gate *gate)
{
	if (uv_is_closing((uv_handle_t *)&gate->poll))
		return;
	uv_close((uv_handle_t *)&gate->poll, on_closed);
	uv_close((uv_handle_t *)&gate->timer, on_closed);
}

static void refuse(struct gate *gate, const char *why)
{
	listener_refuse_at(gate->listener, &gate->address, CLOSE_PROXY_HEADER,
	                   why);
	end(gate);
}

static void pass(struct gate *gate, const struct proxy_header *header)
{
	if (header->source.ss_family != AF_UNSPEC)
		gate->address = header->source;
	gate->is_open = true;
	end(gate);
}

/* Reads what was looked at and is the header's, no more. */
static bool consume(struct gate *gate, size_t len)
{
	ssize_t got = recv(gate->fd, gate->seen + gate->len, len, 0);

	if (got > 0)
		gate->len += (size_t)got;
	return got == (ssize_t)len;
}

static void judge(struct gate *gate, size_t fresh)
{
	struct proxy_header header;

	switch (proxy_header_read(
	    (struct slice){ gate->seen, gate->len + fresh }, &header)) {
	case PROXY_HEADER_MORE:
		if (!consume(gate, fresh))
			end(gate);
		return;
	case PROXY_HEADER_WHOLE:
		if (consume(gate, header.len - gate->len))
			pass(gate, &header);
		else
			end(gate);
		return;
	case PROXY_HEADER_WRONG:
		refuse(gate, "what came is no PROXY header");
	}
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
	struct gate *gate = poll->data;
	ssize_t fresh = recv(gate->fd, gate->seen + gate->len,
	                     sizeof gate->seen - gate->len, MSG_PEEK);

	(void)events;
	if (fresh > 0)
		judge(gate, (size_t)fresh);
	else if (status < 0 || fresh == 0 ||
	         (errno != EAGAIN && errno != EINTR))
		end(gate); /* it has left, as those do who only look */
}

static void on_time(uv_timer_t *timer)
{
	refuse(timer->data, "the PROXY header did not come in time");
}

/* False when there is no memory. */
static bool wait(struct gate *gate)
{
	struct front_room *room = gate->listener->room;

	if (uv_poll_init(room->loop, &gate->poll, gate->fd) < 0)
		return false;
	uv_timer_init(room->loop, &gate->timer);
	gate->poll.data = gate;
	gate->timer.data = gate;
	gate->handles = 2;
	gate->next = room->gates;
	room->gates = gate;
	room->connections++;
	uv_poll_start(&gate->poll, UV_READABLE, on_readable);
	uv_timer_start(&gate->timer, on_time,
	               listener_header_timeout_ms(gate->listener), 0);
	return true;
}

void gate_open(struct listener *listener, int fd,
               const struct sockaddr_storage *address)
{
	struct gate *gate;

	if (!trust_has(listener->trust, address)) {
		listener_refuse_at(listener, address, CLOSE_PROXY_HEADER,
		                   "not in trusted_proxies");
		close(fd);
		return;
	}
	gate = calloc(1, sizeof *gate);
	if (gate) {
		gate->listener = listener;
		gate->fd = fd;
		gate->address = *address;
	}
	if (gate && wait(gate))
		return;
	free(gate);
	close(fd);
}

void gate_close_all(struct front_room *room)
{
	for (struct gate *gate = room->gates; gate; gate = gate->next)
		end(gate);
}
