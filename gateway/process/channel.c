/* SPDX-License-Identifier: Apache-2.0 */
#include "process/channel.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

bool channel_open(int ends[2])
{
	return socketpair(AF_UNIX,
	                  SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0,
	                  ends) == 0;
}

bool channel_say_more(int end, enum channel_word word, struct slice body)
{
	uint8_t octet = (uint8_t)word;
	struct iovec parts[] = {
		{ &octet, sizeof octet },
		{ (void *)(uintptr_t)body.data, body.len },
	};
	struct msghdr message = { .msg_iov = parts, .msg_iovlen = 2 };

	return body.len <= CHANNEL_BODY_BYTES &&
	       sendmsg(end, &message, MSG_NOSIGNAL) ==
	           (ssize_t)(body.len + sizeof octet);
}

bool channel_say(int end, enum channel_word word)
{
	return channel_say_more(end, word, (struct slice){ NULL, 0 });
}

enum channel_word channel_hear(int end, struct channel_message *message)
{
	uint8_t octet;
	struct iovec parts[] = {
		{ &octet, sizeof octet },
		{ message->body, sizeof message->body },
	};
	struct msghdr header = { .msg_iov = parts, .msg_iovlen = 2 };
	ssize_t len = recvmsg(end, &header, 0);

	message->word = CHANNEL_END;
	if (len >= (ssize_t)sizeof octet) {
		message->word = (enum channel_word)octet;
		message->len = (size_t)len - sizeof octet;
	} else if (len < 0 && (errno == EAGAIN || errno == EINTR)) {
		message->word = CHANNEL_NOTHING;
	}
	return message->word;
}

bool channel_read(const struct channel_message *message, void *out, size_t size)
{
	if (message->len != size)
		return false;
	memcpy(out, message->body, size);
	return true;
}
