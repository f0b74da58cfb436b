/* SPDX-License-Identifier: Apache-2.0 */
#include "config/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/config.h"
#include "config/memory.h"

#define LONGEST_PASSWORD 65535 /* [MQTT5 3.1.3.6] */
/* With its line end, and one byte more, which tells that it is too long. */
#define FILE_BYTES (LONGEST_PASSWORD + 3)

static void refuse(const struct config_text *name, const char *why,
                   struct problems *problems)
{
	problem_error(problems, name->place, "password_file \"%s\" %s",
	              name->value, why);
}

static void refuse_unreadable(const struct config_text *name, const char *why,
                              struct problems *problems)
{
	problem_error(problems, name->place,
	              "password_file \"%s\" cannot be read: %s", name->value,
	              why);
}

static bool check_mode(const struct config_text *name, mode_t mode,
                       struct problems *problems)
{
	const char *rights = NULL;

	if ((mode & S_IRWXO) != 0)
		rights = "o=";
	else if ((mode & S_IWGRP) != 0)
		rights = "g-w";
	if (rights != NULL)
		problem_error(problems, name->place,
		              "password_file \"%s\" is open to %s: "
		              "chmod %s %s",
		              name->value,
		              (mode & S_IRWXO) != 0 ? "everybody here"
		                                    : "changes by its group",
		              rights, name->value);
	return rights == NULL;
}

static bool check_file(const struct config_text *name, int fd,
                       struct problems *problems)
{
	struct stat status;

	if (fstat(fd, &status) != 0)
		refuse_unreadable(name, strerror(errno), problems);
	else if (S_ISDIR(status.st_mode))
		refuse_unreadable(
		    name, "it is a directory: name the file in it", problems);
	else if (!S_ISREG(status.st_mode))
		refuse_unreadable(name, "it is no file", problems);
	else
		return check_mode(name, status.st_mode, problems);
	return false;
}

/* Fills `bytes` as far as the file goes; `false`: it cannot be read. */
static bool read_bytes(int fd, uint8_t *bytes, size_t *len)
{
	ssize_t got = 1;

	*len = 0;
	while (got != 0 && *len < FILE_BYTES) {
		got = read(fd, bytes + *len, FILE_BYTES - *len);
		if (got < 0 && errno != EINTR)
			return false;
		*len += got > 0 ? (size_t)got : 0;
	}
	return true;
}

static size_t drop_line_end(const uint8_t *bytes, size_t len)
{
	if (len == 0 || bytes[len - 1] != '\n')
		return len;
	len--;
	return len > 0 && bytes[len - 1] == '\r' ? len - 1 : len;
}

static void keep(struct config *config, struct config_upstream *upstream,
                 const uint8_t *bytes, size_t len, struct problems *problems)
{
	const struct config_text *name = &upstream->password_file;

	if (len == 0) {
		refuse(name, "is empty: write the password into it", problems);
		return;
	}
	if (len > LONGEST_PASSWORD) {
		refuse(name, "is longer than the 65535 bytes of a password",
		       problems);
		return;
	}
	upstream->password = memory_take(config, len, 1);
	upstream->password_len = len;
	memcpy(upstream->password, bytes, len);
}

static void read_open(struct config *config, struct config_upstream *upstream,
                      int fd, struct problems *problems)
{
	const struct config_text *name = &upstream->password_file;
	uint8_t bytes[FILE_BYTES];
	size_t len;

	if (!check_file(name, fd, problems))
		return;
	if (read_bytes(fd, bytes, &len))
		keep(config, upstream, bytes, drop_line_end(bytes, len),
		     problems);
	else
		refuse_unreadable(name, strerror(errno), problems);
	explicit_bzero(bytes, sizeof(bytes));
}

static void read_file(struct config *config, struct config_upstream *upstream,
                      struct problems *problems)
{
	const struct config_text *name = &upstream->password_file;
	/* Without O_NONBLOCK a FIFO would wait for its writer. */
	int fd = open(name->value, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0) {
		refuse_unreadable(name, strerror(errno), problems);
		return;
	}
	read_open(config, upstream, fd, problems);
	close(fd);
}

void secret_read(struct config *config, struct problems *problems)
{
	for (size_t i = 0; i < config->upstream_count; i++) {
		struct config_upstream *upstream = &config->upstreams[i];

		if (upstream->password_file.value != NULL)
			read_file(config, upstream, problems);
	}
}

void secret_wipe(struct config *config)
{
	for (size_t i = 0; i < config->upstream_count; i++) {
		struct config_upstream *upstream = &config->upstreams[i];

		if (upstream->password != NULL)
			explicit_bzero(upstream->password,
			               upstream->password_len);
		upstream->password = NULL;
		upstream->password_len = 0;
	}
}
