/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who is connected to a broker: writes each connection of a session into the
 * archive when it opens and when it ends, and finds those that are open.
 */
#pragma once

#include <stdint.h>

#include "base/close.h"
#include "base/question.h"
#include "base/record.h"

struct session;
struct session_room;

/* Of a relay; zeroed: not entered. */
struct roster_entry {
	uint64_t since_ms; /* wall clock; 0: the broker is not reached */
	uint64_t ticket;   /* in the archive */
};

/* The session's upstream is there. */
void roster_enter(struct session *session);

/* It ends; nothing happens when it was never there, or has been told. */
void roster_leave(struct session *session, enum close_reason reason);

/* Borrows `record` to its receiver for the call. */
typedef void roster_found(void *owner, const struct record_packed *record);

/* Tells all open connections of the room that `question` is about. */
void roster_find(const struct session_room *room,
                 const struct question *question, roster_found *found,
                 void *owner);
