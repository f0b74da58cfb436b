/* SPDX-License-Identifier: Apache-2.0 */
#include "process/inherited.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/log.h"
#include "base/socket.h"
#include "config/address.h"
#include "process/environment.h"

#define FIRST_FD 3
#define UNIX_PATH_AT offsetof(struct sockaddr_un, sun_path)

/* What they are. */

static bool refuse(const char *name, const char *mend)
{
	log_error("cannot use an inherited socket",
	          LOG_FIELDS(log_text("socket", name), log_text("mend", mend)));
	return false;
}

static bool is_true(int fd, int level, int option)
{
	int value = 0;
	socklen_t len = sizeof value;

	return getsockopt(fd, level, option, &value, &len) == 0 && value != 0;
}

static bool is_stream(int fd)
{
	int type = 0;
	socklen_t len = sizeof type;

	return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) == 0 &&
	       type == SOCK_STREAM;
}

/* So that it can be told, with what the kernel does not end with a zero. */
static void name_socket(struct inherited_socket *socket, socklen_t len)
{
	struct sockaddr_un *un = (void *)&socket->address;

	if (un->sun_family != AF_UNIX || un->sun_path[0] != '\0')
		socket_text(&socket->address, socket->name,
		            sizeof socket->name);
	else
		snprintf(socket->name, sizeof socket->name, "unix:@%.*s",
		         len > UNIX_PATH_AT ? (int)(len - UNIX_PATH_AT - 1) : 0,
		         un->sun_path + 1);
}

static bool set_flags(int fd)
{
	int status = fcntl(fd, F_GETFL);

	return status >= 0 && fcntl(fd, F_SETFD, FD_CLOEXEC) == 0 &&
	       fcntl(fd, F_SETFL, status | O_NONBLOCK) == 0;
}

static bool take_socket(struct inherited_socket *socket, int fd)
{
	socklen_t len = sizeof socket->address;
	char number[32];

	socket->fd = fd;
	snprintf(number, sizeof number, "descriptor %d", fd);
	if (getsockname(fd, (struct sockaddr *)&socket->address, &len) != 0)
		return refuse(number, errno == EBADF
		                          ? "LISTEN_FDS says more than there "
		                            "are"
		                          : "a socket unit may hand over "
		                            "sockets only");
	name_socket(socket, len);
	if (!is_stream(fd))
		return refuse(socket->name,
		              "write ListenStream= into the socket unit");
	if (!is_true(fd, SOL_SOCKET, SO_ACCEPTCONN))
		return refuse(socket->name,
		              "write Accept=no into the socket unit");
	if (!set_flags(fd))
		return refuse(socket->name, strerror(errno));
	socket_tune(fd);
	return true;
}

static size_t count_sockets(void)
{
	uint64_t count = environment_number("LISTEN_FDS");

	return environment_is_ours("LISTEN_PID") ? (size_t)count : 0;
}

bool inherited_take(struct inherited *inherited)
{
	size_t count = count_sockets();

	inherited->count = 0;
	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_PIDFDID");
	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_FDNAMES");
	if (count > INHERITED_MOST)
		return refuse("all", "LISTEN_FDS says more than there are");
	while (inherited->count < count) {
		if (!take_socket(&inherited->list[inherited->count],
		                 FIRST_FD + (int)inherited->count))
			return false;
		inherited->count++;
	}
	return true;
}

/* Who they are for. */

static bool is_at_path(const struct sockaddr_storage *address, const char *path)
{
	const struct sockaddr_un *un = (const void *)address;

	return un->sun_family == AF_UNIX && path[0] == '/' &&
	       strcmp(un->sun_path, path) == 0;
}

static bool is_at(const struct sockaddr_storage *address,
                  const struct address *wanted)
{
	const struct sockaddr_in *in = (const void *)address;
	const struct sockaddr_in6 *in6 = (const void *)address;

	if (wanted->is_ipv6)
		return address->ss_family == AF_INET6 &&
		       ntohs(in6->sin6_port) == wanted->port &&
		       memcmp(&in6->sin6_addr, wanted->bytes,
		              sizeof in6->sin6_addr) == 0;
	return address->ss_family == AF_INET &&
	       ntohs(in->sin_port) == wanted->port &&
	       memcmp(&in->sin_addr, wanted->bytes, sizeof in->sin_addr) == 0;
}

static bool is_for(const struct inherited_socket *socket,
                   const struct config_listener *listener)
{
	struct address address;

	if (listener->unix_path.value)
		return is_at_path(&socket->address, listener->unix_path.value);
	if (!address_read(listener->address.value, &address))
		return false;
	address.port = (uint16_t)listener->port;
	return is_at(&socket->address, &address);
}

static bool is_for_admin(const struct inherited_socket *socket,
                         const struct config_admin *admin)
{
	struct address address;

	return admin->listen.value &&
	       address_read_with_port(admin->listen.value, &address) &&
	       is_at(&socket->address, &address);
}

static bool is_wanted(const struct inherited_socket *socket,
                      const struct config *config)
{
	for (size_t i = 0; i < config->listener_count; i++) {
		if (is_for(socket, &config->listeners[i]))
			return true;
	}
	return is_for_admin(socket, &config->admin);
}

/* Nobody would accept from the second, but browsers would get there. */
static bool is_twin(const struct inherited *inherited, size_t index)
{
	const struct inherited_socket *socket = &inherited->list[index];

	for (size_t i = 0; i < index; i++) {
		if (strcmp(inherited->list[i].name, socket->name) == 0)
			return true;
	}
	return false;
}

/* As systemd makes it of a port alone: bound to ::, and open to IPv4, too. */
static bool takes_both(const struct inherited_socket *socket)
{
	const struct sockaddr_in6 *in6 = (const void *)&socket->address;

	return in6->sin6_family == AF_INET6 &&
	       IN6_IS_ADDR_UNSPECIFIED(&in6->sin6_addr) &&
	       !is_true(socket->fd, IPPROTO_IPV6, IPV6_V6ONLY);
}

static const char *mend_unknown(const struct inherited_socket *socket)
{
	if (takes_both(socket))
		return "it takes IPv6 and IPv4: configure a listener with "
		       "address = \"::\" and this port, or write ListenStream= "
		       "with the listener's address into the socket unit";
	return "configure a listener with this address, or take it out of the "
	       "socket unit";
}

static bool fits(const struct inherited *inherited, size_t index,
                 const struct config *config)
{
	const struct inherited_socket *socket = &inherited->list[index];

	if (!is_wanted(socket, config))
		return refuse(socket->name, mend_unknown(socket));
	if (is_twin(inherited, index))
		return refuse(socket->name,
		              "there are two: write ReusePort=no into the "
		              "socket unit, and each address once");
	if (takes_both(socket))
		log_warning("listener takes IPv4 as well",
		            LOG_FIELDS(log_text("listener", socket->name),
		                       log_text("else", "BindIPv6Only=ipv6-"
		                                        "only in the "
		                                        "socket unit")));
	return true;
}

bool inherited_fits(const struct inherited *inherited,
                    const struct config *config)
{
	bool do_all = true;

	for (size_t i = 0; i < inherited->count; i++)
		do_all = fits(inherited, i, config) && do_all;
	return do_all;
}

const struct inherited_socket *
inherited_find(const struct inherited *inherited,
               const struct config_listener *listener)
{
	for (size_t i = 0; i < inherited->count; i++) {
		if (is_for(&inherited->list[i], listener))
			return &inherited->list[i];
	}
	return NULL;
}

const struct inherited_socket *
inherited_find_admin(const struct inherited *inherited,
                     const struct config_admin *admin)
{
	for (size_t i = 0; i < inherited->count; i++) {
		if (is_for_admin(&inherited->list[i], admin))
			return &inherited->list[i];
	}
	return NULL;
}

void inherited_finish(struct inherited *inherited)
{
	for (size_t i = 0; i < inherited->count; i++)
		close(inherited->list[i].fd);
	inherited->count = 0;
}
