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

#include "base/attribute.h"
#include "base/close.h"
#include "base/log.h"
#include "base/shared.h"
#include "base/slice.h"
#include "policy/policy.h"
#include "tls/listener.h"

struct lws;
struct server;
struct ws;

struct server_events {
	/* A browser has come in; false: there is no memory for it. */
	bool (*on_session)(void *owner, struct ws *ws);
	/* The page at `path` of the admin listener: text that the caller
	   frees, NULL when there is none such. */
	char *(*on_admin)(void *owner, struct slice path, unsigned *status);
};

/* A listening socket, as the master opened it. */
struct server_socket {
	const struct policy_listener *policy; /* NULL: the admin listener */
	const struct tls_listener *tls;       /* NULL: plain */
	const char *name;
	int fd;
	bool is_shared; /* other workers poll the very same socket */
};

struct server_setup {
	uv_loop_t *loop;
	const struct policy *policy;
	struct shared *shared;
	struct shared_row *row;
	const struct server_socket *sockets;
	size_t socket_count;
	const struct server_events *events;
	void *owner;
};

/*
 * Sets up everything but accepts nothing yet; borrows all that `setup` points
 * to. NULL when lws cannot (logged).
 */
struct server *server_create(const struct server_setup *setup);

/* Begins to accept on all listeners. */
void server_open(struct server *server);

/*
 * Accepts no more; handshakes under way are refused as draining. The admin
 * listener stays.
 */
void server_drain(struct server *server);

/* Whether no upgraded browser is left, close frames included. */
bool server_is_idle(const struct server *server);

/* Closes what is left, without close frames; run the loop out after it. */
void server_close(struct server *server);

/* Once the loop has run out. */
void server_destroy(struct server *server);

/* For the files of this room. */

uv_loop_t *server_loop(const struct server *server);
const struct policy *server_policy(const struct server *server);
struct shared_row *server_row(const struct server *server);
struct log_limit *server_refusal_limit(struct server *server);
struct log_limit *server_limit_log(struct server *server);

/* Step 10 of admission: may this worker take one more? */
enum close_reason server_limit(struct server *server, const struct ws *ws);

/* Whether this worker has clearly more sessions than another one. */
bool server_is_ahead(const struct server *server);

/* The name that lws is to answer in the upgrade under way; may be empty. */
void server_choose_subprotocol(struct server *server, struct slice name);

/* Between these two, lws may destroy `ws` unseen: the second gives what is
   left of it. */
void server_adopting(struct server *server, struct ws *ws);
struct ws *server_adopted(struct server *server);
void server_forget(struct server *server, const struct ws *ws);

/* Has ws_work_off_close called at the end of this turn of the loop. */
void server_close_later(struct server *server, struct ws *ws);

void server_answer_admin(struct server *server, struct lws *wsi,
                         struct slice path);
