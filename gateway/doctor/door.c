/* SPDX-License-Identifier: Apache-2.0 */
#include "doctor/door.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

#include "doctor/clock.h"

static socklen_t length_of(const struct sockaddr_storage *address)
{
	return address->ss_family == AF_INET6 ? sizeof(struct sockaddr_in6)
	                                      : sizeof(struct sockaddr_in);
}

static enum door_end name_error(int error)
{
	switch (error) {
	case 0:
		return DOOR_OPEN;
	case ECONNREFUSED:
	case ECONNRESET:
		return DOOR_REFUSED;
	case ETIMEDOUT:
		return DOOR_LATE;
	case ENETUNREACH:
	case EHOSTUNREACH:
	case EADDRNOTAVAIL:
	case EACCES:
	case EPERM:
		return DOOR_UNREACHABLE;
	default:
		return DOOR_FAILED;
	}
}

static enum door_end wait_open(int fd, uint64_t deadline_us)
{
	struct pollfd wait = { .fd = fd, .events = POLLOUT };
	socklen_t size = sizeof(int);
	int error = 0;
	int ready;

	do
		ready = poll(&wait, 1, clock_left_ms(deadline_us));
	while (ready < 0 && errno == EINTR);
	if (ready == 0)
		return DOOR_LATE;
	if (ready < 0 || getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size))
		return DOOR_FAILED;
	return name_error(error);
}

enum door_end door_open(const struct sockaddr_storage *address,
                        uint64_t deadline_us, int *fd)
{
	int made = socket(address->ss_family,
	                  SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	enum door_end end = DOOR_OPEN;
	int on = 1;

	if (made < 0)
		return errno == EAFNOSUPPORT ? DOOR_UNREACHABLE : DOOR_FAILED;
	setsockopt(made, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	if (connect(made, (const struct sockaddr *)address,
	            length_of(address)) != 0)
		end = errno == EINPROGRESS ? wait_open(made, deadline_us)
		                           : name_error(errno);
	if (end == DOOR_OPEN)
		*fd = made;
	else
		close(made);
	return end;
}

void door_address(const struct sockaddr_storage *address,
                  char name[DOOR_NAME_BYTES])
{
	const void *octets =
	    address->ss_family == AF_INET6
	        ? (const void *)&((const struct sockaddr_in6 *)address)
	              ->sin6_addr
	        : (const void *)&((const struct sockaddr_in *)address)
	              ->sin_addr;

	if (!inet_ntop(address->ss_family, octets, name, DOOR_NAME_BYTES))
		snprintf(name, DOOR_NAME_BYTES, "?");
}

/* The port stands at the same place in both. */
void door_name(const struct sockaddr_storage *address,
               char name[DOOR_NAME_BYTES])
{
	bool is_ipv6 = address->ss_family == AF_INET6;
	char bare[DOOR_NAME_BYTES];

	door_address(address, bare);
	snprintf(name, DOOR_NAME_BYTES, is_ipv6 ? "[%.45s]:%u" : "%.45s:%u",
	         bare, ntohs(((const struct sockaddr_in *)address)->sin_port));
}
