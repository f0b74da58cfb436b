/* SPDX-License-Identifier: Apache-2.0 */
#include "upstream/cable.h"

#include <errno.h>
#include <limits.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

struct cable cable_of(int fd, SSL *tls)
{
	return (struct cable){ .fd = fd, .tls = tls };
}

static bool read_plain(struct cable *cable, uint8_t *out, size_t size,
                       size_t *len)
{
	ssize_t got = recv(cable->fd, out, size, 0);

	*len = got > 0 ? (size_t)got : 0;
	return got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR));
}

/* What the other side said last, or what was wrong with it. */
static const char *reason(int error)
{
	if (error == SSL_ERROR_ZERO_RETURN)
		return NULL;
	if (error != SSL_ERROR_SSL || ERR_GET_REASON(ERR_peek_error()) ==
	                                  SSL_R_UNEXPECTED_EOF_WHILE_READING)
		return NULL;
	return ERR_reason_error_string(ERR_peek_error());
}

/* One record at the most. */
static size_t read_record(struct cable *cable, uint8_t *out, size_t size)
{
	size_t got = 0;
	int error;

	ERR_clear_error();
	cable->is_dry = SSL_read_ex(cable->tls, out, size, &got) != 1;
	if (!cable->is_dry)
		return got;
	error = SSL_get_error(cable->tls, 0);
	cable->waits_for_room = error == SSL_ERROR_WANT_WRITE;
	cable->is_over =
	    error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE;
	if (cable->is_over)
		cable->why = reason(error);
	return 0;
}

static bool read_tls(struct cable *cable, uint8_t *out, size_t size,
                     size_t *len)
{
	size_t got;

	*len = 0;
	cable->waits_for_room = false;
	if (cable->is_over)
		return false;
	do {
		got = read_record(cable, out + *len, size - *len);
		*len += got;
	} while (got > 0 && *len < size && SSL_has_pending(cable->tls) == 1);
	return *len > 0 || !cable->is_over;
}

bool cable_read(struct cable *cable, uint8_t *out, size_t size, size_t *len)
{
	return cable->tls ? read_tls(cable, out, size, len)
	                  : read_plain(cable, out, size, len);
}

bool cable_holds(const struct cable *cable)
{
	bool is_kept =
	    cable->tls && !cable->is_dry && SSL_has_pending(cable->tls) == 1;

	return cable->is_reset || cable->is_over || is_kept;
}

static bool write_plain(const struct cable *cable, struct slice bytes,
                        size_t *taken)
{
	ssize_t len = send(cable->fd, bytes.data, bytes.len, MSG_NOSIGNAL);

	*taken = len > 0 ? (size_t)len : 0;
	return len >= 0 || errno == EAGAIN || errno == EINTR;
}

static bool write_tls(struct cable *cable, struct slice bytes, size_t *taken)
{
	size_t part = 0;
	int error;

	*taken = 0;
	cable->waits_for_bytes = false;
	while (*taken < bytes.len) {
		ERR_clear_error();
		if (SSL_write_ex(cable->tls, bytes.data + *taken,
		                 bytes.len - *taken, &part) == 1) {
			*taken += part;
			continue;
		}
		error = SSL_get_error(cable->tls, 0);
		cable->waits_for_bytes = error == SSL_ERROR_WANT_READ;
		return error == SSL_ERROR_WANT_READ ||
		       error == SSL_ERROR_WANT_WRITE;
	}
	return true;
}

bool cable_write(struct cable *cable, struct slice bytes, size_t *taken)
{
	return cable->tls ? write_tls(cable, bytes, taken)
	                  : write_plain(cable, bytes, taken);
}

/* Of a connection that failed nothing more is said. */
static bool say_end(SSL *tls)
{
	int said;

	ERR_clear_error();
	said = SSL_shutdown(tls);
	return said >= 0 || SSL_get_error(tls, said) != SSL_ERROR_WANT_WRITE;
}

bool cable_end(struct cable *cable)
{
	if (cable->tls && !say_end(cable->tls))
		return false;
	(void)shutdown(cable->fd, SHUT_WR);
	return true;
}

void cable_cut(const struct cable *cable)
{
	(void)shutdown(cable->fd, SHUT_RDWR);
}

void cable_close(struct cable *cable)
{
	SSL_free(cable->tls);
	close(cable->fd);
	*cable = (struct cable){ .fd = -1 };
}
