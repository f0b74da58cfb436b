/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The listening sockets: opened by the master, one for each worker where TCP
 * can share a port, one for all of them on a Unix path and for the admin.
 *
 * The master keeps them open, so that what is queued on a worker's socket
 * outlives the worker.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/attribute.h"
#include "base/socket.h"
#include "config/config.h"

struct sockets_listener {
	char name[128]; /* as the kernel says: ADDRESS:PORT or unix:PATH */
	const char *unix_path; /* to be unlinked at the end; else NULL */
	bool is_bound;         /* that path is ours */
	bool is_admin;
	bool is_shared; /* fds[0] is everybody's */
	int *fds;       /* one for each worker's slot, or one; -1: closed */
};

struct sockets {
	struct sockets_listener *listeners; /* as configured, admin last */
	size_t count;
	size_t slots;
};

/*
 * Opens all that `config` names, for `slots` workers. False, with a log line
 * that names the address, when one cannot be had: none is left open then.
 */
bool sockets_open(struct sockets *sockets, const struct config *config,
                  size_t slots) MUST_CHECK;

/* Closes what worker `slot` has no use for; in that worker, after the fork. */
void sockets_keep_slot(struct sockets *sockets, size_t slot);

/* The socket of `listener` that worker `slot` accepts on. */
int sockets_fd(const struct sockets_listener *listener, size_t slot);

/*
 * Closes those for browsers and unlinks their paths, so that the kernel
 * refuses; the admin's stays.
 */
void sockets_refuse(struct sockets *sockets);

/* Closes all that is open and unlinks the Unix paths; in the master only. */
void sockets_close(struct sockets *sockets);

/* Frees the memory alone; in a worker, whose server has closed its own. */
void sockets_forget(struct sockets *sockets);
