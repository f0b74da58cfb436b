/* SPDX-License-Identifier: Apache-2.0 */
#include "process/channel.h"

#include <errno.h>
#include <stdint.h>
#include <sys/socket.h>

bool channel_open(int ends[2])
{
	return socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
	                  0, ends) == 0;
}

bool channel_say(int end, enum channel_word word)
{
	uint8_t octet = (uint8_t)word;

	return send(end, &octet, 1, MSG_NOSIGNAL) == 1;
}

enum channel_word channel_hear(int end)
{
	uint8_t octet;
	ssize_t len = recv(end, &octet, 1, 0);

	if (len == 1)
		return (enum channel_word)octet;
	if (len < 0 && (errno == EAGAIN || errno == EINTR))
		return CHANNEL_NOTHING;
	return CHANNEL_END;
}
