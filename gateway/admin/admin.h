/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The admin socket: somebody on this machine sends one line, and gets an exit
 * code on a line of its own, then text, then the end.
 *
 * Who may, the access rights of the socket's path say. What a line means is
 * its owner's business; asking costs little and never waits for a slow asker.
 */
#pragma once

#include <stdbool.h>
#include <sys/stat.h>

#include <uv.h>

#include "base/attribute.h"

struct admin;
struct admin_asker;

/*
 * `line` is without its end, printable. The owner answers in this call or
 * later, once, with admin_answer: until then `asker` is there, even if
 * whoever asked is not.
 */
typedef void admin_line(void *owner, const char *line,
                        struct admin_asker *asker);

/* Listens at `path`; NULL with a log line: it cannot be had. */
struct admin *admin_open(uv_loop_t *loop, const char *path, mode_t mode,
                         admin_line *on_line, void *owner);

/* Who may ask from now on. */
void admin_set_mode(const struct admin *admin, mode_t mode);

const char *admin_path_of(const struct admin *admin);

/* Gives `text`, which may be NULL, and ends it. */
void admin_answer(struct admin_asker *asker, int code, const char *text);

/* Gives a part of the answer; the end of the program is its end, too. */
void admin_answer_first(struct admin_asker *asker, int code, const char *text);

/*
 * Takes no more and unlinks the path; those who have asked still get their
 * answers. The memory goes when the loop has closed its handles. Accepts NULL.
 */
void admin_close(struct admin *admin);

/* Closes all at once and leaves the path; after admin_close, or in a worker. */
void admin_forget(struct admin *admin);
