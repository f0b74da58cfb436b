/* SPDX-License-Identifier: Apache-2.0 */
#include "process/sockets.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/log.h"
#include "config/address.h"

#define BACKLOG 4096 /* the kernel cuts it to somaxconn */

static bool set_flag(int fd, int level, int option)
{
	int on = 1;

	return setsockopt(fd, level, option, &on, sizeof on) == 0;
}

static socklen_t length_of(const struct sockaddr_storage *address)
{
	if (address->ss_family == AF_INET)
		return sizeof(struct sockaddr_in);
	if (address->ss_family == AF_INET6)
		return sizeof(struct sockaddr_in6);
	return sizeof(struct sockaddr_un);
}

static int open_stream(sa_family_t family)
{
	return socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

/* A bound TCP socket, or -1 with errno set. */
static int bind_tcp(const struct sockaddr_storage *address, bool is_reusable)
{
	int fd = open_stream(address->ss_family);

	if (fd < 0)
		return -1;
	if (set_flag(fd, SOL_SOCKET, SO_REUSEADDR) &&
	    (!is_reusable || set_flag(fd, SOL_SOCKET, SO_REUSEPORT)) &&
	    (address->ss_family != AF_INET6 ||
	     set_flag(fd, IPPROTO_IPV6, IPV6_V6ONLY)) &&
	    bind(fd, (const struct sockaddr *)address, length_of(address)) == 0)
		return fd;

	int error = errno;

	close(fd);
	errno = error;
	return -1;
}

static bool start_listening(int fd)
{
	socket_tune(fd);
	return listen(fd, BACKLOG) == 0;
}

/* Bound alone first: SO_REUSEPORT would let a second postern in unseen. */
static bool is_free(const struct sockaddr_storage *address)
{
	int fd = bind_tcp(address, false);
	bool can_listen = fd >= 0 && listen(fd, 1) == 0;
	int error = errno;

	if (fd >= 0)
		close(fd);
	errno = error;
	return can_listen;
}

static bool open_tcp(struct sockets_listener *listener,
                     const struct sockaddr_storage *address, size_t slots)
{
	if (!is_free(address))
		return false;
	for (size_t i = 0; i < slots; i++) {
		listener->fds[i] = bind_tcp(address, slots > 1);
		if (listener->fds[i] < 0 || !start_listening(listener->fds[i]))
			return false;
	}
	return true;
}

/* Whether somebody answers at a Unix path; one that nobody serves is stale. */
static bool is_served(const struct sockaddr_storage *address)
{
	int fd = open_stream(AF_UNIX);
	bool is_answered =
	    fd >= 0 && (connect(fd, (const struct sockaddr *)address,
	                        length_of(address)) == 0 ||
	                errno == EAGAIN);

	if (fd >= 0)
		close(fd);
	return is_answered;
}

static bool remove_stale(const struct sockaddr_storage *address,
                         const char *path)
{
	struct stat status;

	if (lstat(path, &status) != 0)
		return errno == ENOENT;
	if (!S_ISSOCK(status.st_mode) || is_served(address)) {
		errno = EADDRINUSE;
		return false;
	}
	return unlink(path) == 0;
}

static bool open_unix(struct sockets_listener *listener,
                      const struct sockaddr_storage *address, mode_t mode)
{
	if (!remove_stale(address, listener->unix_path))
		return false;
	listener->fds[0] = open_stream(AF_UNIX);
	if (listener->fds[0] < 0)
		return false;

	/* Never open to more than `mode` allows, not even between two calls. */
	mode_t before = umask(~mode & 0777);

	listener->is_bound =
	    bind(listener->fds[0], (const struct sockaddr *)address,
	         length_of(address)) == 0;
	umask(before);
	return listener->is_bound && start_listening(listener->fds[0]);
}

static bool has_opened(const struct sockets_listener *listener, bool is_open)
{
	if (is_open)
		return true;
	log_error("cannot listen",
	          LOG_FIELDS(log_text("listener", listener->name),
	                     log_text("why", strerror(errno))));
	return false;
}

static void set_unix_address(struct sockaddr_storage *address, const char *path)
{
	struct sockaddr_un *un = (void *)address;

	un->sun_family = AF_UNIX;
	memcpy(un->sun_path, path, strlen(path) + 1);
}

static void set_tcp_address(struct sockaddr_storage *address,
                            const struct address *from)
{
	if (from->is_ipv6) {
		struct sockaddr_in6 *in6 = (void *)address;

		in6->sin6_family = AF_INET6;
		in6->sin6_port = htons(from->port);
		memcpy(&in6->sin6_addr, from->bytes, sizeof in6->sin6_addr);
	} else {
		struct sockaddr_in *in = (void *)address;

		in->sin_family = AF_INET;
		in->sin_port = htons(from->port);
		memcpy(&in->sin_addr, from->bytes, sizeof in->sin_addr);
	}
}

static bool open_path(struct sockets_listener *listener,
                      const struct config_listener *config)
{
	struct sockaddr_storage address = { 0 };
	unsigned long mode = strtoul(config->mode.value, NULL, 8);

	listener->unix_path = config->unix_path.value;
	listener->is_shared = true;
	set_unix_address(&address, listener->unix_path);
	socket_text(&address, listener->name, sizeof listener->name);
	return has_opened(listener,
	                  open_unix(listener, &address, (mode_t)mode));
}

static bool open_address(struct sockets_listener *listener,
                         const struct address *from, size_t slots)
{
	struct sockaddr_storage address = { 0 };

	set_tcp_address(&address, from);
	socket_text(&address, listener->name, sizeof listener->name);
	return has_opened(listener, open_tcp(listener, &address, slots));
}

static bool open_configured(struct sockets_listener *listener,
                            const struct config_listener *config, size_t slots)
{
	struct address address;

	if (config->unix_path.value)
		return open_path(listener, config);
	if (!address_read(config->address.value, &address))
		return false;
	address.port = (uint16_t)config->port;
	return open_address(listener, &address, slots);
}

static bool open_admin(struct sockets_listener *listener,
                       const struct config_admin *config)
{
	struct address address;

	listener->is_admin = true;
	listener->is_shared = true;
	return address_read_with_port(config->listen.value, &address) &&
	       open_address(listener, &address, 1);
}

static bool add_listener(struct sockets *sockets)
{
	struct sockets_listener *listener = &sockets->listeners[sockets->count];

	listener->fds = calloc(sockets->slots, sizeof listener->fds[0]);
	if (!listener->fds)
		return false;
	for (size_t i = 0; i < sockets->slots; i++)
		listener->fds[i] = -1;
	sockets->count++;
	return true;
}

static bool open_all(struct sockets *sockets, const struct config *config)
{
	sockets->listeners =
	    calloc(config->listener_count + 1, sizeof sockets->listeners[0]);
	if (!sockets->listeners)
		return false;
	for (size_t i = 0; i < config->listener_count; i++) {
		if (!add_listener(sockets) ||
		    !open_configured(&sockets->listeners[i],
		                     &config->listeners[i], sockets->slots))
			return false;
	}
	if (!config->admin.listen.value)
		return true;
	return add_listener(sockets) &&
	       open_admin(&sockets->listeners[config->listener_count],
	                  &config->admin);
}

bool sockets_open(struct sockets *sockets, const struct config *config,
                  size_t slots)
{
	*sockets = (struct sockets){ .slots = slots };
	if (open_all(sockets, config))
		return true;
	sockets_close(sockets);
	return false;
}

int sockets_fd(const struct sockets_listener *listener, size_t slot)
{
	return listener->fds[listener->is_shared ? 0 : slot];
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static void close_listener(const struct sockets *sockets,
                           struct sockets_listener *listener)
{
	for (size_t i = 0; i < sockets->slots; i++)
		close_fd(&listener->fds[i]);
}

void sockets_keep_slot(struct sockets *sockets, size_t slot)
{
	for (size_t i = 0; i < sockets->count; i++) {
		struct sockets_listener *listener = &sockets->listeners[i];

		for (size_t k = 0; k < sockets->slots; k++) {
			if (k != slot && !listener->is_shared)
				close_fd(&listener->fds[k]);
		}
	}
}

/* The path goes at once: the next gateway may want it before we are gone. */
static void withdraw(const struct sockets *sockets,
                     struct sockets_listener *listener)
{
	close_listener(sockets, listener);
	if (listener->is_bound)
		unlink(listener->unix_path);
	listener->is_bound = false;
}

void sockets_refuse(struct sockets *sockets)
{
	for (size_t i = 0; i < sockets->count; i++) {
		if (!sockets->listeners[i].is_admin)
			withdraw(sockets, &sockets->listeners[i]);
	}
}

void sockets_close(struct sockets *sockets)
{
	for (size_t i = 0; i < sockets->count; i++)
		withdraw(sockets, &sockets->listeners[i]);
	sockets_forget(sockets);
}

void sockets_forget(struct sockets *sockets)
{
	for (size_t i = 0; i < sockets->count; i++)
		free(sockets->listeners[i].fds);
	free(sockets->listeners);
	*sockets = (struct sockets){ 0 };
}
