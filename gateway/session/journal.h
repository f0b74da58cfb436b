/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The lines that the log has of a session: when it is open, and when it
 * ends. They say who, from where, and by which connections, in the same words.
 */
#pragma once

#include <stdint.h>

#include "base/close.h"
#include "base/slice.h"

struct session;

void journal_opened(const struct session *session);
/* A line more, for a session whose broker was away: by which connections. */
void journal_reconnected(const struct session *session);

/* The broker has refused a CONNECT of ours with `code`; what to do. */
void journal_refused(struct session *session, uint8_t code, const char *advice);

/* Messages for its browser that were lost. */
void journal_dropped(const struct session *session, struct slice topic,
                     uint64_t count, uint64_t suppressed);

void journal_closed(const struct session *session, enum close_reason reason);
