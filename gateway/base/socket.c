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

static void write_inet(const struct sockaddr_storage *address, char *text,
                       size_t size)
{
	const struct sockaddr_in *in = (const void *)address;
	const struct sockaddr_in6 *in6 = (const void *)address;
	bool is_ipv4 = address->ss_family == AF_INET;
	char host[INET6_ADDRSTRLEN];

	inet_ntop(address->ss_family,
	          is_ipv4 ? (const void *)&in->sin_addr
	                  : (const void *)&in6->sin6_addr,
	          host, sizeof host);
	/* sin6_port stands where sin_port does. */
	if (in->sin_port == 0)
		snprintf(text, size, "%s", host);
	else
		snprintf(text, size, is_ipv4 ? "%s:%u" : "[%s]:%u", host,
		         (unsigned)ntohs(in->sin_port));
}

void socket_text(const struct sockaddr_storage *address, char *text,
                 size_t size)
{
	if (address->ss_family == AF_UNIX)
		snprintf(text, size, "unix:%s",
		         ((const struct sockaddr_un *)(const void *)address)
		             ->sun_path);
	else if (address->ss_family == AF_INET ||
	         address->ss_family == AF_INET6)
		write_inet(address, text, size);
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
