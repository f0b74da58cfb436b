/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Accepts on one listening socket and hands each connection to lws.
 *
 * The socket was opened by the master. At the descriptor limit accepting
 * stops and resumes by itself; a socket that other workers share (Unix path,
 * admin) is left alone for a moment by a worker with more sessions than the
 * others.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <uv.h>

#include "base/close.h"
#include "base/remote.h"
#include "tls/current.h"

struct front_room;
struct lws_vhost;
struct policy_listener;
struct sockaddr_storage;
struct trust;

struct listener {
	struct front_room *room;
	const struct policy_listener *policy; /* NULL: the admin listener */
	struct lws_vhost *vhost;
	const struct trust *trust; /* NULL: the admin listener */
	struct tls_current tls;    /* what it shows, if it speaks TLS */
	const char *name;    /* ADDRESS:PORT or path, for the log; borrowed */
	bool is_shared;      /* all workers poll this very socket */
	bool is_at_limit;    /* accepts again when descriptors are back */
	bool has_stood_back; /* accepts the next time, whoever is ahead */
	int fd; /* borrowed from the process: closed by listener_close */
	uv_poll_t poll;
	uv_timer_t rest; /* runs while accepting stands back */
};

/*
 * Sets up a zeroed `listener` on `fd`, with its vhost, tls and trust set;
 * polls nothing yet.
 */
void listener_init(struct listener *listener, struct front_room *room,
                   const struct policy_listener *policy, const char *name,
                   int fd, bool is_shared);

/* Begins to accept. */
void listener_open(struct listener *listener);

/* Accepts no more and closes the socket here. */
void listener_close(struct listener *listener);

/* Hands a connection of the client at `address` to lws, or closes `fd`. */
void listener_take(struct listener *listener, int fd,
                   const struct sockaddr_storage *address);

/* Counts one that is not taken, and logs it now and then. */
void listener_refuse(struct listener *listener, const char *from,
                     enum close_reason reason, const char *why);
void listener_refuse_at(struct listener *listener,
                        const struct sockaddr_storage *address,
                        enum close_reason reason, const char *why);

/*
 * Who the one at `address` is for limits by address: a proxy that has not
 * said for whom it is has none.
 */
struct remote listener_remote(const struct listener *listener,
                              const struct sockaddr_storage *address);

bool listener_is_admin(const struct listener *listener);
bool listener_has_tls(const struct listener *listener);
bool listener_asks_certificates(const struct listener *listener);
uint32_t listener_header_timeout_ms(const struct listener *listener);
