/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A question to all workers: who has that connection? Their answers and what
 * the archive has are one answer, for one who asks at the admin socket.
 *
 * A worker that does not answer in time is left out: the archive has most of
 * what it would have said.
 */
#pragma once

#include <uv.h>

#include "admin/admin.h"
#include "base/archive.h"
#include "process/channel.h"
#include "process/succession.h"

struct inquiry;

/* Those that are under way. */
struct inquiries {
	struct succession *succession;
	const struct archive *archive;
	struct inquiry *first;
	uint32_t last_number;
};

/* Begins one for `asker`: what `arguments` of `who` ask. */
void inquiry_open(struct inquiries *inquiries, const char *arguments,
                  struct admin_asker *asker);

/* A worker's word about one of them. */
void inquiry_hear(struct inquiries *inquiries,
                  const struct channel_message *message);

/* Gives up all of them, without an answer. */
void inquiry_forget_all(struct inquiries *inquiries);
