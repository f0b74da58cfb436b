/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One MQTT connection on its way through us: packets pass, judged and never
 * terminated.
 *
 * A chunk goes from the read buffer of one socket to the write call of the
 * other, whole, without a copy, as long as the judge lets all of it pass.
 * Nothing reaches the broker, not even a connection, before a CONNECT was
 * read whole and may enter. Packets of our own go in between two others.
 *
 *   AWAITING   CONNECT is awaited, then judged
 *   DIALING    CONNECT was accepted; its turn is awaited, the upstream reached
 *   OPEN       bytes pass
 *   CLOSED     over; the memory goes with the next one, or with the session
 *
 * "The browser" is whoever speaks MQTT on the near side (session/near.h).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attribute.h"
#include "base/backlog.h"
#include "base/close.h"
#include "base/slice.h"
#include "base/socket.h"
#include "policy/judge.h"
#include "session/chatter.h"
#include "session/flow.h"
#include "session/near.h"
#include "session/roster.h"
#include "upstream/stream.h"

struct session;

enum relay_state {
	RELAY_CLOSED = 0,
	RELAY_AWAITING,
	RELAY_DIALING,
	RELAY_OPEN,
};

/* What a broker has said it takes [MQTT5 3.2.2.3]. */
struct relay_terms {
	uint32_t packet_bytes; /* 0: any */
	uint8_t qos;
	bool has_no_retain;
};

struct relay {
	enum relay_state state;
	struct near near;
	struct stream *stream; /* NULL until CONNECT was accepted */
	struct judge judge;
	char address[SOCKET_TEXT_BYTES]; /* the client's, which it borrows */
	struct flow up;                  /* from the browser */
	struct flow down;                /* from the broker */
	struct backlog held; /* from the browser, not to be passed on yet */
	size_t connect_len;  /* of `held`; 0 until CONNECT was accepted */
	uint64_t dialed_ns;  /* when the upstream began to be reached */
	bool has_connack;    /* passed to the browser */
	bool has_disconnect; /* from the browser, passed on */
	struct relay_terms terms;
	struct chatter chatter; /* of a client of ours, on the near stream */
	bool is_held;           /* nothing of the browser passes for a while */
	bool is_choked;         /* the owner wants nothing from the broker */
	bool is_broker_slow;    /* keeps the browser waiting: */
	bool is_reader_slow;    /* the other way round */
	uint64_t opened_ms;     /* when the upstream was there */
	uint64_t heard_ms;      /* the last bytes from the browser */
	uint64_t packet_ms;     /* the last step of the browser's packet */
	uint8_t code5;          /* of the farewell, in place of the reason's */
	enum close_reason refusal; /* what the broker's refusal means */
	uint8_t connack_code;      /* of the broker; 0: none, or accepted */
	struct roster_entry listed;
};

/* Begins one for `session`, whose route is set; the one before is over. */
void relay_open(struct session *session, struct near near);

/*
 * Ends it: the broker sees the end of its connection, without a DISCONNECT of
 * ours; so does a near stream, while a ws is left as it is. Nothing happens
 * to one that is over.
 */
void relay_close(struct session *session);

/* Gives back the memory of one that is over. */
void relay_finish(struct relay *relay);

/* The near side is gone; what it has sent is still delivered. */
void relay_near_gone(struct relay *relay);

/* Bytes from the browser; before and after the upstream is there. */
void relay_from_browser(struct session *session, struct slice piece);

/* The upstream is there: hands over what was held for it. */
void relay_begin(struct session *session);

/* Stops and starts taking messages from the broker. */
void relay_choke(struct session *session, bool is_choked);

/*
 * Whether bytes from the browser wait here; passes them on after all, which
 * may close the session.
 */
bool relay_holds(const struct relay *relay);
void relay_go_on(struct session *session);

/* Keeps bytes from the browser until then; false: no memory. */
bool relay_hold(struct session *session, struct slice bytes) MUST_CHECK;

/* Bytes from the broker, in the stream's own buffer with its headroom. */
void relay_from_broker(struct session *session, uint8_t *data, size_t len);

/*
 * Says DISCONNECT to the broker for a client that left in good order, if the
 * stream stands at a packet border; nothing is to be kept of it.
 */
void relay_disconnect(struct session *session);

/* What ended the session: the broker's refusal, if any, or else `usual`. */
enum close_reason relay_refusal_or(const struct relay *relay,
                                   enum close_reason usual);

/* Why the session ends when the broker has closed. */
enum close_reason relay_end_reason(const struct session *session);

/*
 * Puts the packet that `reason` has for this browser's MQTT version on the
 * wire, if the stream stands at a packet border.
 */
void relay_say_farewell(struct session *session, enum close_reason reason);

/* Sends what of our own packets may go in now, to either side. */
void relay_settle(struct session *session);

/*
 * For the files of the relay (relay_browser.c, relay_broker.c and
 * relay_upstream.c). The first connects to the upstream when it is the
 * session's turn; false: there is no memory. With the others false is: the
 * relay has been closed.
 */
bool relay_dial(struct session *session) MUST_CHECK;
void relay_pass_up(struct session *session, struct slice in);
bool relay_send_up(struct session *session, struct slice bytes) MUST_CHECK;
bool relay_send_down(struct session *session, uint8_t *data,
                     size_t len) MUST_CHECK;
bool relay_send_copy_down(struct session *session,
                          struct slice bytes) MUST_CHECK;

/* What a scanner's error means when the browser made it. */
enum close_reason relay_fault(enum mqtt_scan seen);
