/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The browser's side of a session that knows whole messages: those it sends
 * are put together, those it gets go out at once, or wait while it is slow.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/close.h"
#include "base/slice.h"
#include "page/inbox.h"
#include "page/intake.h"
#include "page/line.h"
#include "page/room.h"

struct session;
struct ws_piece;

struct page {
	struct intake intake;
	struct inbox inbox;
	struct line line;
	struct page_load load; /* as it was counted last */
	bool is_broker_slow;
};

/* Makes it the session's. */
void page_init(struct session *session, struct page *page);
void page_finish(struct page *page);

/*
 * Adds a piece to a message; true: it is whole, and to be cleared from the
 * intake when done. Closes the session as soon as it is known to be too large.
 */
bool page_receive(struct session *session, const struct ws_piece *piece,
                  struct slice *message);

/*
 * Sends a frame; the INBOX_HEADROOM octets in front of `data` are overwritten.
 * One that `may_drop`, a message of `topic`, is dropped first when too much
 * waits. A broken browser ends the session.
 */
void page_send(struct session *session, uint8_t *data, size_t len, bool is_text,
               bool may_drop, struct slice topic);

/* Sends what waits, as far as the browser takes it. */
void page_send_waiting(struct session *session);

/* After each step: reads on only while the page and the broker keep up. */
void page_steer(struct session *session);

/* Octets that wait for the browser, for the broker, or for their end. */
size_t page_waiting(const struct session *session);

/* Hands out all that waits, closes, and ends the line as well. A browser that
   was too slow gets no more of it. */
void page_close(struct session *session, enum close_reason reason);
