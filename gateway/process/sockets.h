/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The listening sockets: opened by the master, one for each worker where TCP
 * can share a port, one for all of them on a Unix path, for the admin and where
 * it was inherited.
 *
 * A socket outlives workers and configurations: what is queued on it waits
 * for whoever serves its address next. It is closed when no configuration
 * names the address any more; that there are fewer workers than sockets
 * closes none, each then serves several.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "base/attribute.h"
#include "base/socket.h"
#include "config/config.h"

struct inherited;

/* All sockets of one address. */
struct sockets_address {
	struct sockets_address *next;
	char name[128]; /* as the kernel says: ADDRESS:PORT or unix:PATH */
	struct sockaddr_storage address;
	char *unix_path; /* owned, to be unlinked; NULL: TCP, or inherited */
	dev_t device;    /* and inode: what is at the path while it is ours */
	ino_t inode;
	mode_t mode;    /* of the path */
	bool is_shared; /* fds[0] is everybody's */
	unsigned users; /* sets that have it */
	int *fds;
	size_t count;
	size_t listening; /* of the first of them */
};

struct sockets {
	struct sockets_address *first;
	struct inherited *inherited; /* borrowed; used where they fit */
};

/* What one configuration listens on. */
struct sockets_set {
	struct sockets_address **list; /* as configured, the admin last */
	size_t count;
	bool has_admin;
	bool is_listening; /* as all of them do */
	size_t workers;    /* that share them */
};

/*
 * Finds or opens all that `config` names, for `workers` workers; none accepts
 * anything new yet. False, with a log line that names the address, when one
 * cannot be had: what is new is closed then.
 */
bool sockets_open(struct sockets *sockets, struct sockets_set *set,
                  const struct config *config, size_t workers) MUST_CHECK;

/* From now on the kernel queues; false with a log line. */
bool sockets_listen(struct sockets_set *set) MUST_CHECK;

/*
 * Closes what no other set has and unlinks its paths. Nothing happens to an
 * empty set.
 */
void sockets_release(struct sockets *sockets, struct sockets_set *set);

bool sockets_is_admin(const struct sockets_set *set, size_t index);

/*
 * The `nth` of the sockets of address `index` that worker `slot` accepts on,
 * or -1 when it has no more.
 */
int sockets_fd(const struct sockets_set *set, size_t index, size_t slot,
               size_t nth);

/* In worker `slot` of `set`, after the fork: closes what is not its own. */
void sockets_keep(struct sockets *sockets, const struct sockets_set *set,
                  size_t slot);

/*
 * Closes those for browsers and unlinks their paths, so that the kernel
 * refuses; the admin's of `set` stays.
 */
void sockets_refuse(struct sockets *sockets, const struct sockets_set *set);

/* Closes all that is open and unlinks the Unix paths; in the master only. */
void sockets_close(struct sockets *sockets);

/* Frees the memory alone; in a worker, whose server has closed its own. */
void sockets_forget(struct sockets *sockets);
