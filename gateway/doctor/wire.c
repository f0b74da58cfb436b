/* SPDX-License-Identifier: Apache-2.0 */
#include "doctor/wire.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "doctor/clock.h"

void wire_init(struct wire *wire, int fd)
{
	*wire = (struct wire){ .fd = fd };
}

void wire_close(struct wire *wire)
{
	if (wire->tls) {
		ERR_clear_error();
		SSL_shutdown(wire->tls);
		SSL_free(wire->tls);
	}
	wire->tls = NULL;
	if (wire->fd >= 0)
		close(wire->fd);
	wire->fd = -1;
}

static enum wire_end await(struct wire *wire, short events)
{
	struct pollfd wait = { .fd = wire->fd, .events = events };
	int ready;

	do
		ready = poll(&wait, 1, clock_left_ms(wire->deadline_us));
	while (ready < 0 && errno == EINTR);
	if (ready < 0)
		return WIRE_RESET;
	return ready == 0 ? WIRE_LATE : WIRE_FINE;
}

static enum wire_end keep_fault(struct wire *wire)
{
	unsigned long error = ERR_peek_error();
	const char *text = ERR_reason_error_string(error);

	wire->fault = ERR_GET_REASON(error);
	strncat(wire->fault_text, text ? text : "no reason is known",
	        sizeof wire->fault_text - 1);
	return WIRE_BROKEN;
}

/* What became of a call of OpenSSL; WIRE_FINE: it is to be made again. */
static enum wire_end judge(struct wire *wire, int result)
{
	wire->fault_text[0] = '\0';
	switch (SSL_get_error(wire->tls, result)) {
	case SSL_ERROR_WANT_READ:
		return await(wire, POLLIN);
	case SSL_ERROR_WANT_WRITE:
		return await(wire, POLLOUT);
	case SSL_ERROR_ZERO_RETURN:
		return WIRE_CLOSED;
	case SSL_ERROR_SYSCALL:
		return WIRE_RESET;
	default:
		break;
	}
	if (ERR_GET_REASON(ERR_peek_error()) ==
	    SSL_R_UNEXPECTED_EOF_WHILE_READING)
		return WIRE_CLOSED;
	return keep_fault(wire);
}

enum wire_end wire_secure(struct wire *wire, SSL *tls)
{
	enum wire_end end = WIRE_FINE;
	int result = 0;

	wire->tls = tls;
	if (SSL_set_fd(tls, wire->fd) != 1)
		return keep_fault(wire);
	while (end == WIRE_FINE) {
		ERR_clear_error();
		result = SSL_connect(tls);
		if (result == 1)
			return WIRE_FINE;
		end = judge(wire, result);
	}
	return end;
}

static enum wire_end send_secure(struct wire *wire, struct slice bytes)
{
	enum wire_end end = WIRE_FINE;
	size_t written;

	while (end == WIRE_FINE && bytes.len > 0) {
		ERR_clear_error();

		int result =
		    SSL_write_ex(wire->tls, bytes.data, bytes.len, &written);

		if (result == 1)
			slice_take(&bytes, written);
		else
			end = judge(wire, result);
	}
	return end;
}

static enum wire_end send_plain(struct wire *wire, struct slice bytes)
{
	enum wire_end end = WIRE_FINE;

	while (end == WIRE_FINE && bytes.len > 0) {
		ssize_t sent =
		    send(wire->fd, bytes.data, bytes.len, MSG_NOSIGNAL);

		if (sent > 0)
			slice_take(&bytes, (size_t)sent);
		else if (errno == EAGAIN)
			end = await(wire, POLLOUT);
		else if (errno != EINTR)
			end = WIRE_RESET;
	}
	return end;
}

/* A server that always has one more octet must not make the clock stop. */
static bool is_late(const struct wire *wire)
{
	return clock_left_ms(wire->deadline_us) == 0;
}

enum wire_end wire_send(struct wire *wire, struct slice bytes)
{
	if (is_late(wire))
		return WIRE_LATE;
	return wire->tls ? send_secure(wire, bytes) : send_plain(wire, bytes);
}

static enum wire_end receive_secure(struct wire *wire, uint8_t *buffer,
                                    size_t size, size_t *len)
{
	enum wire_end end = WIRE_FINE;

	while (end == WIRE_FINE) {
		ERR_clear_error();

		int result = SSL_read_ex(wire->tls, buffer, size, len);

		if (result == 1)
			return WIRE_FINE;
		end = judge(wire, result);
	}
	return end;
}

static enum wire_end receive_plain(struct wire *wire, uint8_t *buffer,
                                   size_t size, size_t *len)
{
	enum wire_end end = WIRE_FINE;

	while (end == WIRE_FINE) {
		ssize_t got = recv(wire->fd, buffer, size, 0);

		if (got > 0) {
			*len = (size_t)got;
			return WIRE_FINE;
		}
		if (got == 0)
			end = WIRE_CLOSED;
		else if (errno == EAGAIN)
			end = await(wire, POLLIN);
		else if (errno != EINTR)
			end = WIRE_RESET;
	}
	return end;
}

enum wire_end wire_receive(struct wire *wire, uint8_t *buffer, size_t size,
                           size_t *len)
{
	if (is_late(wire))
		return WIRE_LATE;
	return wire->tls ? receive_secure(wire, buffer, size, len)
	                 : receive_plain(wire, buffer, size, len);
}
