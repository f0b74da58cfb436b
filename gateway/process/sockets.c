/* SPDX-License-Identifier: Apache-2.0 */
#include "process/sockets.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "config/address.h"
#include "process/binding.h"
#include "process/inherited.h"

/* What is to be listened on, before it is known whether it is open. */
struct wish {
	struct sockaddr_storage address;
	const char *unix_path;                    /* NULL: TCP */
	const struct inherited_socket *inherited; /* NULL: to be opened */
	mode_t mode;
	bool is_shared;
	size_t count; /* sockets that are needed */
};

static bool has_failed(const struct sockets_address *address, const char *what)
{
	log_error(what, LOG_FIELDS(log_text("listener", address->name),
	                           log_text("why", strerror(errno))));
	return false;
}

/* Somebody may have removed the path, or have put another socket there. */
static bool is_in_place(const struct sockets_address *address)
{
	struct stat status;

	return !address->unix_path ||
	       (lstat(address->unix_path, &status) == 0 &&
	        status.st_dev == address->device &&
	        status.st_ino == address->inode);
}

/* One address. */

static bool wish_of_listener(const struct config_listener *config,
                             size_t workers, struct wish *wish)
{
	struct address address;

	*wish = (struct wish){ .unix_path = config->unix_path.value };
	if (wish->unix_path) {
		wish->mode = (mode_t)strtoul(config->mode.value, NULL, 8);
		wish->is_shared = true;
		wish->count = 1;
		binding_set_path(&wish->address, wish->unix_path);
		return true;
	}
	if (!address_read(config->address.value, &address))
		return false;
	address.port = (uint16_t)config->port;
	wish->count = workers;
	binding_set_address(&wish->address, &address);
	return true;
}

static bool wish_of_admin(const struct config_admin *config, struct wish *wish)
{
	struct address address;

	*wish = (struct wish){ .is_shared = true, .count = 1 };
	if (!address_read_with_port(config->listen.value, &address))
		return false;
	binding_set_address(&wish->address, &address);
	return true;
}

static struct sockets_address *find(struct sockets *sockets,
                                    const struct wish *wish)
{
	struct sockets_address *at = sockets->first;

	while (at &&
	       (at->is_shared != wish->is_shared ||
	        memcmp(&at->address, &wish->address, sizeof at->address) != 0 ||
	        !is_in_place(at)))
		at = at->next;
	return at;
}

static void free_address(struct sockets_address *address)
{
	free(address->unix_path);
	free(address->fds);
	free(address);
}

static struct sockets_address *add(struct sockets *sockets,
                                   const struct wish *wish)
{
	struct sockets_address *address = calloc(1, sizeof *address);

	if (!address)
		return NULL;
	address->address = wish->address;
	address->is_shared = wish->is_shared;
	socket_text(&wish->address, address->name, sizeof address->name);
	if (wish->unix_path)
		address->unix_path = strdup(wish->unix_path);
	if (wish->unix_path && !address->unix_path) {
		free_address(address);
		return NULL;
	}
	address->next = sockets->first;
	sockets->first = address;
	return address;
}

/* Then the port with another address (0.0.0.0, say) is not somebody else's. */
static bool is_ours(const struct sockets *sockets,
                    const struct sockaddr_storage *address)
{
	for (const struct sockets_address *at = sockets->first; at;
	     at = at->next) {
		if (at->count > 0 && at->address.ss_family != AF_UNIX &&
		    binding_overlaps(&at->address, address))
			return true;
	}
	return false;
}

static int bind_path(struct sockets_address *address, mode_t mode)
{
	int fd = binding_unix(&address->address, mode);
	struct stat status;

	if (fd >= 0 && lstat(address->unix_path, &status) == 0) {
		address->device = status.st_dev;
		address->inode = status.st_ino;
	}
	return fd;
}

static int bind_next(const struct sockets *sockets,
                     struct sockets_address *address, const struct wish *wish)
{
	if (wish->inherited)
		return fcntl(wish->inherited->fd, F_DUPFD_CLOEXEC, 0);
	if (address->unix_path)
		return bind_path(address, wish->mode);
	return is_ours(sockets, &address->address)
	           ? binding_tcp_again(&address->address)
	           : binding_tcp(&address->address);
}

static bool bind_all(const struct sockets *sockets,
                     struct sockets_address *address, const struct wish *wish)
{
	if (address->count >= wish->count)
		return true;
	int *fds = realloc(address->fds, wish->count * sizeof *fds);

	if (!fds)
		return has_failed(address, "cannot listen");
	address->fds = fds;
	while (address->count < wish->count) {
		int fd = bind_next(sockets, address, wish);

		if (fd < 0)
			return has_failed(address, "cannot listen");
		address->fds[address->count++] = fd;
	}
	if (wish->inherited)
		address->listening = address->count;
	return true;
}

static void close_all(struct sockets_address *address)
{
	for (size_t i = 0; i < address->count; i++)
		close(address->fds[i]);
	if (address->unix_path && address->count > 0 && is_in_place(address))
		unlink(address->unix_path);
	address->count = 0;
	address->listening = 0;
}

/* What was bound for a configuration that came to nothing. */
static void trim(struct sockets_address *address)
{
	while (address->count > address->listening)
		close(address->fds[--address->count]);
}

static void drop(struct sockets *sockets, struct sockets_address *address)
{
	struct sockets_address **at = &sockets->first;

	while (*at != address)
		at = &(*at)->next;
	*at = address->next;
	close_all(address);
	free_address(address);
}

/* All of one configuration. */

/* It listens, has its mode, and its path is not ours to remove. */
static void inherit(struct wish *wish, const struct inherited_socket *inherited)
{
	if (!inherited)
		return;
	wish->inherited = inherited;
	wish->unix_path = NULL;
	wish->is_shared = true;
	wish->count = 1;
}

static bool hold(struct sockets *sockets, struct sockets_set *set,
                 const struct wish *wish)
{
	struct sockets_address *address = find(sockets, wish);

	if (!address)
		address = add(sockets, wish);
	if (!address) {
		log_error("no memory for a listener", NULL);
		return false;
	}
	address->users++;
	set->list[set->count++] = address;
	if (!bind_all(sockets, address, wish))
		return false;
	address->mode = wish->mode;
	return true;
}

static bool hold_all(struct sockets *sockets, struct sockets_set *set,
                     const struct config *config)
{
	struct wish wish;

	set->list = calloc(config->listener_count + 1, sizeof *set->list);
	if (!set->list) {
		log_error("no memory for listeners", NULL);
		return false;
	}
	for (size_t i = 0; i < config->listener_count; i++) {
		if (!wish_of_listener(&config->listeners[i], set->workers,
		                      &wish))
			return false;
		inherit(&wish, inherited_find(sockets->inherited,
		                              &config->listeners[i]));
		if (!hold(sockets, set, &wish))
			return false;
	}
	set->has_admin = config->admin.listen.value != NULL;
	if (!set->has_admin)
		return true;
	if (!wish_of_admin(&config->admin, &wish))
		return false;
	inherit(&wish,
	        inherited_find_admin(sockets->inherited, &config->admin));
	return hold(sockets, set, &wish);
}

bool sockets_open(struct sockets *sockets, struct sockets_set *set,
                  const struct config *config, size_t workers)
{
	*set = (struct sockets_set){ .workers = workers };
	if (hold_all(sockets, set, config))
		return true;
	sockets_release(sockets, set);
	return false;
}

static bool listen_on(const struct sockets_address *address)
{
	if (address->unix_path && chmod(address->unix_path, address->mode) != 0)
		return has_failed(address, "cannot set its mode");
	for (size_t i = address->listening; i < address->count; i++) {
		if (!binding_listen(address->fds[i]))
			return has_failed(address, "cannot listen");
	}
	return true;
}

bool sockets_listen(struct sockets_set *set)
{
	for (size_t i = 0; i < set->count; i++) {
		if (!listen_on(set->list[i]))
			return false;
	}
	for (size_t i = 0; i < set->count; i++)
		set->list[i]->listening = set->list[i]->count;
	set->is_listening = true;
	return true;
}

void sockets_release(struct sockets *sockets, struct sockets_set *set)
{
	for (size_t i = 0; i < set->count; i++) {
		if (--set->list[i]->users == 0)
			drop(sockets, set->list[i]);
		else
			trim(set->list[i]);
	}
	free(set->list);
	*set = (struct sockets_set){ 0 };
}

bool sockets_is_admin(const struct sockets_set *set, size_t index)
{
	return set->has_admin && index + 1 == set->count;
}

/* There may be more that are the next configuration's. */
static size_t count_of(const struct sockets_set *set,
                       const struct sockets_address *address)
{
	return set->is_listening ? address->listening : address->count;
}

int sockets_fd(const struct sockets_set *set, size_t index, size_t slot,
               size_t nth)
{
	const struct sockets_address *address = set->list[index];
	size_t at = address->is_shared ? nth : slot + nth * set->workers;

	return at < count_of(set, address) ? address->fds[at] : -1;
}

/* In a worker. */

static bool is_own(const struct sockets_set *set,
                   const struct sockets_address *address, size_t slot, size_t k)
{
	for (size_t i = 0; i < set->count; i++) {
		if (set->list[i] == address && k < count_of(set, address))
			return address->is_shared || k % set->workers == slot;
	}
	return false;
}

void sockets_keep(struct sockets *sockets, const struct sockets_set *set,
                  size_t slot)
{
	for (struct sockets_address *at = sockets->first; at; at = at->next) {
		for (size_t k = 0; k < at->count; k++) {
			if (!is_own(set, at, slot, k))
				close(at->fds[k]);
		}
	}
}

/* At the end. */

void sockets_refuse(struct sockets *sockets, const struct sockets_set *set)
{
	for (struct sockets_address *at = sockets->first; at; at = at->next) {
		bool is_admin =
		    set->has_admin && set->list[set->count - 1] == at;

		if (!is_admin)
			close_all(at);
	}
}

void sockets_close(struct sockets *sockets)
{
	for (struct sockets_address *at = sockets->first; at; at = at->next)
		close_all(at);
	sockets_forget(sockets);
}

void sockets_forget(struct sockets *sockets)
{
	while (sockets->first) {
		struct sockets_address *address = sockets->first;

		sockets->first = address->next;
		free_address(address);
	}
}
