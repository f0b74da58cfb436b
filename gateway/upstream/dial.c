/* SPDX-License-Identifier: Apache-2.0 */
#include "upstream/dial.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/socket.h"

#define ADDRESSES_MAX 8 /* of one name; more are not tried */

/* One socket being connected; outlives its dial until its handle is closed. */
struct attempt {
	struct dial *dial;
	uv_poll_t poll;
	int fd; /* -1: handed on */
};

struct dial {
	uv_loop_t *loop;
	struct lookup *lookup; /* while the name is looked up */
	struct attempt *attempt;
	uv_timer_t timer;
	uint64_t limit_ms;
	struct sockaddr_storage addresses[ADDRESSES_MAX];
	size_t address_count;
	size_t next_address;
	const char *why; /* what the last address said */
	dial_done *done;
	void *owner;
};

static void on_attempt_closed(uv_handle_t *handle)
{
	struct attempt *attempt = handle->data;

	if (attempt->fd >= 0)
		close(attempt->fd);
	free(attempt);
}

/* The poll handle goes before its descriptor (notes: ghost epoll entry). */
static void end_attempt(struct dial *dial)
{
	if (dial->attempt)
		uv_close((uv_handle_t *)&dial->attempt->poll,
		         on_attempt_closed);
	dial->attempt = NULL;
}

static void on_timer_closed(uv_handle_t *handle)
{
	free(handle->data);
}

static void end(struct dial *dial)
{
	if (dial->lookup)
		lookup_cancel(dial->lookup);
	end_attempt(dial);
	uv_close((uv_handle_t *)&dial->timer, on_timer_closed);
}

static void finish(struct dial *dial, int fd)
{
	end(dial);
	dial->done(dial->owner, fd, dial->why);
}

static void try_next(struct dial *dial);

static void on_writable(uv_poll_t *poll, int status, int events)
{
	struct attempt *attempt = poll->data;
	struct dial *dial = attempt->dial;
	int fd = attempt->fd;
	int error = 0;
	socklen_t len = sizeof error;

	(void)events;
	getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len);
	if (error == 0 && status < 0)
		error = -status;
	if (error != 0) {
		dial->why = strerror(error);
		end_attempt(dial);
		try_next(dial);
		return;
	}
	attempt->fd = -1;
	finish(dial, fd);
}

static socklen_t length_of(const struct sockaddr_storage *address)
{
	switch (address->ss_family) {
	case AF_INET:
		return sizeof(struct sockaddr_in);
	case AF_INET6:
		return sizeof(struct sockaddr_in6);
	default:
		return sizeof(struct sockaddr_un);
	}
}

/* A socket on its way to `address`, or -1 with errno set. */
static int start_connect(const struct sockaddr_storage *address)
{
	int fd = socket(address->ss_family,
	                SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	socket_tune(fd);
	socket_keep_alive(fd);
	if (connect(fd, (const struct sockaddr *)address, length_of(address)) ==
	        0 ||
	    errno == EINPROGRESS)
		return fd;

	int error = errno;

	close(fd);
	errno = error;
	return -1;
}

static bool watch(struct dial *dial, int fd)
{
	struct attempt *attempt = calloc(1, sizeof *attempt);

	if (!attempt || uv_poll_init(dial->loop, &attempt->poll, fd) < 0) {
		free(attempt);
		close(fd);
		errno = ENOMEM;
		return false;
	}
	attempt->dial = dial;
	attempt->fd = fd;
	attempt->poll.data = attempt;
	dial->attempt = attempt;
	uv_poll_start(&attempt->poll, UV_WRITABLE, on_writable);
	return true;
}

static void try_next(struct dial *dial)
{
	while (dial->next_address < dial->address_count) {
		int fd = start_connect(&dial->addresses[dial->next_address++]);

		if (fd >= 0 && watch(dial, fd))
			return;
		dial->why = strerror(errno);
	}
	finish(dial, -1);
}

static void on_found(void *owner, const struct addrinfo *found, const char *why)
{
	struct dial *dial = owner;

	dial->lookup = NULL;
	dial->why = why ? why : "the name has no address";
	for (; found && dial->address_count < ADDRESSES_MAX;
	     found = found->ai_next)
		memcpy(&dial->addresses[dial->address_count++], found->ai_addr,
		       found->ai_addrlen);
	try_next(dial);
}

static void on_time(uv_timer_t *timer)
{
	struct dial *dial = timer->data;

	dial->why =
	    dial->lookup ? "name not resolved in time" : "no answer in time";
	finish(dial, -1);
}

/* A known address is tried once the call that asked for it has returned. */
static void on_begin(uv_timer_t *timer)
{
	struct dial *dial = timer->data;

	uv_timer_start(&dial->timer, on_time, dial->limit_ms, 0);
	try_next(dial);
}

static bool begin(struct dial *dial, struct resolver *resolver,
                  const struct target *target)
{
	if (!target->host) {
		dial->addresses[dial->address_count++] = target->address;
		return uv_timer_start(&dial->timer, on_begin, 0, 0) == 0;
	}
	dial->lookup =
	    resolver_find(resolver, target->host, target->port, on_found, dial);
	return dial->lookup != NULL &&
	       uv_timer_start(&dial->timer, on_time, dial->limit_ms, 0) == 0;
}

struct dial *dial_open(uv_loop_t *loop, struct resolver *resolver,
                       const struct target *target, uint64_t limit_ms,
                       dial_done *done, void *owner)
{
	struct dial *dial = calloc(1, sizeof *dial);

	if (!dial)
		return NULL;
	dial->loop = loop;
	dial->done = done;
	dial->owner = owner;
	dial->limit_ms = limit_ms;
	uv_timer_init(loop, &dial->timer);
	dial->timer.data = dial;
	if (begin(dial, resolver, target))
		return dial;
	end(dial);
	return NULL;
}

void dial_cancel(struct dial *dial)
{
	if (dial)
		end(dial);
}
