/* SPDX-License-Identifier: Apache-2.0 */
#include "session/relief.h"

#include "session/session.h"

#define WORTH_BYTES 16384 /* an end costs the browser a new session */

static size_t waiting(const struct session *session)
{
	return session->kind->waiting ? session->kind->waiting(session) : 0;
}

/* NULL: none is worth it. */
static struct session *find_longest(const struct session_room *room)
{
	struct session *longest = NULL;
	size_t most = WORTH_BYTES - 1;

	for (struct session *s = room->first; s; s = s->next) {
		if (waiting(s) > most) {
			most = waiting(s);
			longest = s;
		}
	}
	return longest;
}

size_t relief_cut(struct session_room *room, size_t bytes)
{
	struct session *session;
	size_t count = 0;
	size_t freed = 0;

	while (freed < bytes && (session = find_longest(room))) {
		freed += waiting(session);
		count++;
		session_close(session, CLOSE_SLOW_READER);
	}
	return count;
}
