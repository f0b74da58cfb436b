/* SPDX-License-Identifier: Apache-2.0 */
#include "process/binding.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/socket.h"

#define BACKLOG 4096 /* the kernel cuts it to somaxconn */

void binding_set_path(struct sockaddr_storage *address, const char *path)
{
	struct sockaddr_un *un = (void *)address;

	un->sun_family = AF_UNIX;
	memcpy(un->sun_path, path, strlen(path) + 1);
}

void binding_set_address(struct sockaddr_storage *address,
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

static uint16_t port_of(const struct sockaddr_storage *address)
{
	return ntohs(address->ss_family == AF_INET6
	                 ? ((const struct sockaddr_in6 *)address)->sin6_port
	                 : ((const struct sockaddr_in *)address)->sin_port);
}

static bool is_any(const struct sockaddr_storage *address)
{
	return address->ss_family == AF_INET6
	           ? IN6_IS_ADDR_UNSPECIFIED(
	                 &((const struct sockaddr_in6 *)address)->sin6_addr)
	           : ((const struct sockaddr_in *)address)->sin_addr.s_addr ==
	                 INADDR_ANY;
}

bool binding_overlaps(const struct sockaddr_storage *a,
                      const struct sockaddr_storage *b)
{
	return a->ss_family == b->ss_family && port_of(a) == port_of(b) &&
	       (is_any(a) || is_any(b) || memcmp(a, b, sizeof *a) == 0);
}

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

int binding_tcp(const struct sockaddr_storage *address)
{
	return is_free(address) ? bind_tcp(address, true) : -1;
}

int binding_tcp_again(const struct sockaddr_storage *address)
{
	return bind_tcp(address, true);
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

int binding_unix(const struct sockaddr_storage *address, mode_t mode)
{
	const struct sockaddr_un *un = (const void *)address;

	if (!remove_stale(address, un->sun_path))
		return -1;
	int fd = open_stream(AF_UNIX);

	if (fd < 0)
		return -1;

	/* Never open to more than `mode` allows, not even between two calls. */
	mode_t before = umask(~mode & 0777);
	bool is_bound =
	    bind(fd, (const struct sockaddr *)address, length_of(address)) == 0;
	int error = errno;

	umask(before);
	if (is_bound)
		return fd;
	close(fd);
	errno = error;
	return -1;
}

bool binding_listen(int fd)
{
	socket_tune(fd);
	return listen(fd, BACKLOG) == 0;
}
