/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The WebSocket server of one worker: lws's context on the worker's loop, a
 * vhost for each listener, and the one callback that lws calls, which only
 * dispatches. What becomes of an accepted browser is its owner's business.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <uv.h>

#include "base/shared.h"
#include "front/room.h"
#include "policy/policy.h"
#include "tls/listener.h"

struct server;
struct trust;

/* A listening socket, as the master opened it. */
struct server_socket {
	const struct policy_listener *policy; /* NULL: the admin listener */
	const struct tls_listener *tls;       /* NULL: plain */
	const struct trust *trust;            /* NULL: the admin listener */
	const char *name;
	int fd;
	bool is_shared; /* other workers poll the very same socket */
};

/*
 * Sets up everything but accepts nothing yet. Of `room`, which is copied, the
 * loop, policy, shared area, row, events and owner are set; it borrows these
 * and `sockets`. NULL when lws cannot (logged).
 */
struct server *server_create(const struct front_room *room,
                             const struct server_socket *sockets, size_t count);

/* Begins to accept on all listeners. */
void server_open(struct server *server);

/*
 * Accepts no more; handshakes under way are refused as draining. The admin
 * listener stays.
 */
void server_drain(struct server *server);

/* Accepts no more, the admin listener included; who is in may go on. */
void server_retire(struct server *server);

/* Whether handshakes are refused for want of memory from now on. */
void server_set_out_of_memory(struct server *server, bool is_out);

/* Whether no upgraded browser is left, close frames included. */
bool server_is_idle(const struct server *server);

/* Octets that browsers did not take yet, at most. */
size_t server_waiting(const struct server *server);

/* Whether no connection is left at all, of an admin either. */
bool server_is_empty(const struct server *server);

/*
 * Another certificate for socket `index`: `tls`, which it borrows until it is
 * forgotten, or the one adopted after it is. Whose hello comes after the
 * adoption sees it; nobody else notices. False with a log line.
 */
bool server_prepare_tls(struct server *server, size_t index,
                        const struct tls_listener *tls) MUST_CHECK;
void server_adopt_tls(struct server *server, size_t index);
void server_forget_tls(struct server *server, size_t index);

/* Closes what is left, without close frames; run the loop out after it. */
void server_close(struct server *server);

/* Once the loop has run out. */
void server_destroy(struct server *server);
