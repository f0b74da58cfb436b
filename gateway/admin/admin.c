/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/admin.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "process/binding.h"

#define ASKERS_MOST 16
#define LINE_BYTES 1024
#define LINE_MS 5000    /* for it to come */
#define ANSWER_MS 30000 /* for it to be taken */
#define BACKLOG 16

struct admin_asker {
	struct admin *admin;
	struct admin_asker *next; /* the admin's list */
	uv_pipe_t pipe;
	uv_timer_t limit;
	uv_write_t write;
	char *text;    /* under way; owned */
	bool has_line; /* and the owner has it, until it answers */
	bool is_last;  /* nothing comes after `text` */
	unsigned handles;
	size_t len;
	char line[LINE_BYTES];
};

struct admin {
	uv_pipe_t pipe;
	bool is_closed;
	char *path;
	admin_line *on_line;
	void *owner;
	size_t asker_count;
	struct admin_asker *askers;
};

/* It lives as long as anybody who has asked. */
static void free_if_over(struct admin *admin)
{
	if (!admin->is_closed || admin->askers)
		return;
	free(admin->path);
	free(admin);
}

/* One who asks. */

static void unlist(struct admin_asker *asker)
{
	struct admin_asker **at = &asker->admin->askers;

	while (*at != asker)
		at = &(*at)->next;
	*at = asker->next;
	asker->admin->asker_count--;
}

static void on_asker_closed(uv_handle_t *handle)
{
	struct admin_asker *asker = handle->data;
	struct admin *admin = asker->admin;

	if (--asker->handles > 0 || asker->has_line)
		return;
	unlist(asker);
	free(asker->text);
	free(asker);
	free_if_over(admin);
}

static void close_asker(struct admin_asker *asker)
{
	if (uv_is_closing((uv_handle_t *)&asker->pipe))
		return;
	uv_close((uv_handle_t *)&asker->pipe, on_asker_closed);
	uv_close((uv_handle_t *)&asker->limit, on_asker_closed);
}

static void on_limit(uv_timer_t *timer)
{
	close_asker(timer->data);
}

static void on_written(uv_write_t *write, int status)
{
	struct admin_asker *asker = write->data;

	free(asker->text);
	asker->text = NULL;
	if (status < 0 || asker->is_last)
		close_asker(asker);
}

static void send_text(struct admin_asker *asker, int code, const char *text)
{
	size_t size = strlen(text) + 16;
	uv_buf_t buffer;

	if (uv_is_closing((uv_handle_t *)&asker->pipe))
		return;
	asker->text = malloc(size);
	if (!asker->text) {
		close_asker(asker);
		return;
	}
	int len = snprintf(asker->text, size, "%d\n%s", code, text);

	buffer = uv_buf_init(asker->text, (unsigned)len);
	asker->write.data = asker;
	uv_timer_start(&asker->limit, on_limit, ANSWER_MS, 0);
	if (uv_write(&asker->write, (uv_stream_t *)&asker->pipe, &buffer, 1,
	             on_written) < 0)
		close_asker(asker);
}

void admin_answer(struct admin_asker *asker, int code, const char *text)
{
	asker->has_line = false;
	asker->is_last = true;
	if (asker->handles == 0) { /* it is gone: only this was waited for */
		asker->handles = 1;
		on_asker_closed((uv_handle_t *)&asker->pipe);
		return;
	}
	send_text(asker, code, text ? text : "");
}

void admin_answer_first(struct admin_asker *asker, int code, const char *text)
{
	send_text(asker, code, text);
	uv_timer_stop(&asker->limit);
}

static void log_asked(struct admin_asker *asker)
{
	struct ucred who = { .uid = (uid_t)-1 };
	socklen_t len = sizeof who;
	int fd;

	if (uv_fileno((uv_handle_t *)&asker->pipe, &fd) == 0)
		(void)getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len);
	log_info("asked", LOG_FIELDS(log_text("what", asker->line),
	                             log_number("uid", who.uid),
	                             log_number("pid", (uint64_t)who.pid)));
}

static bool is_printable(const char *line)
{
	for (; *line; line++) {
		if ((unsigned char)*line < ' ' || *line == 0x7f)
			return false;
	}
	return true;
}

static void take_line(struct admin_asker *asker)
{
	uv_read_stop((uv_stream_t *)&asker->pipe);
	uv_timer_stop(&asker->limit);
	asker->has_line = true;
	if (!is_printable(asker->line)) {
		admin_answer(asker, 64, "that is no line of text\n");
		return;
	}
	log_asked(asker);
	asker->admin->on_line(asker->admin->owner, asker->line, asker);
}

static void on_alloc(uv_handle_t *handle, size_t size, uv_buf_t *buffer)
{
	struct admin_asker *asker = handle->data;

	(void)size;
	*buffer = uv_buf_init(asker->line + asker->len,
	                      (unsigned)(LINE_BYTES - asker->len));
}

static void on_read(uv_stream_t *stream, ssize_t len, const uv_buf_t *buffer)
{
	struct admin_asker *asker = stream->data;

	(void)buffer;
	if (len == 0)
		return;
	if (len < 0) { /* UV_ENOBUFS as well: the line is too long */
		close_asker(asker);
		return;
	}
	char *end = memchr(asker->line + asker->len, '\n', (size_t)len);

	asker->len += (size_t)len;
	if (!end)
		return;
	*end = '\0';
	take_line(asker);
}

static void accept_one(struct admin *admin)
{
	struct admin_asker *asker = calloc(1, sizeof *asker);
	uv_loop_t *loop = admin->pipe.loop;

	if (!asker)
		return;
	asker->admin = admin;
	asker->next = admin->askers;
	admin->askers = asker;
	admin->asker_count++;
	asker->handles = 2;
	uv_pipe_init(loop, &asker->pipe, 0);
	uv_timer_init(loop, &asker->limit);
	asker->pipe.data = asker;
	asker->limit.data = asker;
	uv_timer_start(&asker->limit, on_limit, LINE_MS, 0);
	if (uv_accept((uv_stream_t *)&admin->pipe,
	              (uv_stream_t *)&asker->pipe) < 0 ||
	    admin->asker_count > ASKERS_MOST ||
	    uv_read_start((uv_stream_t *)&asker->pipe, on_alloc, on_read) < 0)
		close_asker(asker);
}

static void on_connection(uv_stream_t *stream, int status)
{
	if (status == 0)
		accept_one(stream->data);
}

/* The socket itself. */

static int bind_path(const char *path, mode_t mode)
{
	struct sockaddr_storage address = { 0 };

	binding_set_path(&address, path);
	return binding_unix(&address, mode);
}

static struct admin *fail(struct admin *admin, const char *path, int error)
{
	log_error("cannot open the admin socket",
	          LOG_FIELDS(log_text("path", path),
	                     log_text("why", strerror(error))));
	if (admin)
		free(admin->path);
	free(admin);
	return NULL;
}

struct admin *admin_open(uv_loop_t *loop, const char *path, mode_t mode,
                         admin_line *on_line, void *owner)
{
	struct admin *admin = calloc(1, sizeof *admin);

	if (!admin || !(admin->path = strdup(path)))
		return fail(admin, path, ENOMEM);
	int fd = bind_path(path, mode);

	if (fd < 0)
		return fail(admin, path, errno);
	admin->on_line = on_line;
	admin->owner = owner;
	uv_pipe_init(loop, &admin->pipe, 0);
	admin->pipe.data = admin;
	uv_pipe_open(&admin->pipe, fd);
	if (uv_listen((uv_stream_t *)&admin->pipe, BACKLOG, on_connection) == 0)
		return admin;
	log_error("cannot open the admin socket",
	          LOG_FIELDS(log_text("path", path)));
	admin_close(admin);
	return NULL;
}

void admin_set_mode(const struct admin *admin, mode_t mode)
{
	if (chmod(admin->path, mode) != 0)
		log_warning("cannot set the mode of the admin socket",
		            LOG_FIELDS(log_text("path", admin->path),
		                       log_text("why", strerror(errno))));
}

const char *admin_path_of(const struct admin *admin)
{
	return admin->path;
}

static void on_closed(uv_handle_t *handle)
{
	struct admin *admin = handle->data;

	admin->is_closed = true;
	free_if_over(admin);
}

static void close_pipe(struct admin *admin)
{
	if (!uv_is_closing((uv_handle_t *)&admin->pipe))
		uv_close((uv_handle_t *)&admin->pipe, on_closed);
}

void admin_close(struct admin *admin)
{
	if (!admin)
		return;
	unlink(admin->path);
	close_pipe(admin);
}

void admin_forget(struct admin *admin)
{
	if (!admin)
		return;
	for (struct admin_asker *at = admin->askers; at; at = at->next) {
		at->has_line = false;
		close_asker(at);
	}
	close_pipe(admin);
}
