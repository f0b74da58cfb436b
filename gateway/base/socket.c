/* SPDX-License-Identifier: Apache-2.0 */
#include "base/socket.h"

#include <arpa/inet.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/un.h>

#define KEEP_IDLE_S 10
#define KEEP_INTERVAL_S 5
#define KEEP_COUNT 3
#define DEAD_AFTER_MS 20000 /* bytes without an answer */

static void set(int fd, int level, int option, int value)
{
	(void)setsockopt(fd, level, option, &value, sizeof value);
}

void socket_tune(int fd)
{
	set(fd, IPPROTO_TCP, TCP_NODELAY, 1);
	set(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, SOCKET_UNSENT_BYTES);
	set(fd, SOL_SOCKET, SO_RCVBUF, SOCKET_RECEIVE_BYTES);
}

void socket_acknowledge(int fd)
{
	set(fd, IPPROTO_TCP, TCP_QUICKACK, 1);
}

void socket_keep_alive(int fd)
{
	set(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
	set(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, DEAD_AFTER_MS);
	set(fd, IPPROTO_TCP, TCP_KEEPIDLE, KEEP_IDLE_S);
	set(fd, IPPROTO_TCP, TCP_KEEPINTVL, KEEP_INTERVAL_S);
	set(fd, IPPROTO_TCP, TCP_KEEPCNT, KEEP_COUNT);
}

bool socket_host_text(const struct sockaddr_storage *address, char *text,
                      size_t size)
{
	const struct sockaddr_in *in = (const void *)address;
	const struct sockaddr_in6 *in6 = (const void *)address;

	if (address->ss_family == AF_INET)
		return inet_ntop(AF_INET, &in->sin_addr, text,
		                 (socklen_t)size) != NULL;
	return address->ss_family == AF_INET6 &&
	       inet_ntop(AF_INET6, &in6->sin6_addr, text, (socklen_t)size) !=
	           NULL;
}

/* sin6_port stands where sin_port does. */
static void write_with_port(const struct sockaddr_storage *address,
                            const char *host, char *text, size_t size)
{
	const struct sockaddr_in *in = (const void *)address;
	unsigned port = ntohs(in->sin_port);

	if (port == 0)
		snprintf(text, size, "%s", host);
	else if (address->ss_family == AF_INET)
		snprintf(text, size, "%s:%u", host, port);
	else
		snprintf(text, size, "[%s]:%u", host, port);
}

void socket_text(const struct sockaddr_storage *address, char *text,
                 size_t size)
{
	char host[INET6_ADDRSTRLEN];

	if (address->ss_family == AF_UNIX)
		snprintf(text, size, "unix:%s",
		         ((const struct sockaddr_un *)(const void *)address)
		             ->sun_path);
	else if (socket_host_text(address, host, sizeof host))
		write_with_port(address, host, text, size);
	else
		snprintf(text, size, "unknown");
}

void socket_local_text(int fd, char *text, size_t size)
{
	struct sockaddr_storage address = { 0 };
	socklen_t len = sizeof address;

	(void)getsockname(fd, (struct sockaddr *)&address, &len);
	socket_text(&address, text, size);
}

void socket_remote_text(int fd, char *text, size_t size)
{
	struct sockaddr_storage address = { 0 };
	socklen_t len = sizeof address;

	(void)getpeername(fd, (struct sockaddr *)&address, &len);
	socket_text(&address, text, size);
}

bool socket_is_reset(int fd)
{
	struct pollfd state = { .fd = fd };

	return poll(&state, 1, 0) == 1 && (state.revents & POLLERR) != 0;
}

size_t socket_outstanding(int fd)
{
	int bytes = 0;

	return ioctl(fd, SIOCOUTQ, &bytes) == 0 && bytes > 0 ? (size_t)bytes
	                                                     : 0;
}
