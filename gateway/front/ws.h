/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One browser connection, from accept to close.
 *
 * Before the upgrade it is a handshake under a time limit (front/handshake);
 * after it a WebSocket whose owner sends and gets messages in pieces
 * [RFC 6455]. It lives as long as lws's wsi. It is closed only at the end of
 * the loop's turn, never inside a callback of lws.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <netinet/in.h>
#include <uv.h>

#include "base/attribute.h"
#include "base/close.h"
#include "base/remote.h"
#include "base/slice.h"
#include "tls/failure.h"

struct front_room;
struct listener;
struct lws;
struct policy_route;
struct sockaddr_storage;

#define WS_HEADROOM 16       /* writable bytes in front of what ws_send gets */
#define WS_CLOSE_NORMAL 1000 /* [RFC 6455 7.4.1] */
#define WS_CLOSE_NONE 0      /* a close frame without a code */
#define WS_CLOSE_OF_PAGES 3000 /* from here on, what pages may say */

/* Of a message from the browser. */
struct ws_piece {
	struct slice bytes;
	bool is_text;
	bool is_last; /* the message ends with it */
	size_t left;  /* octets of its frame that are still to come */
};

struct ws_events {
	/* May end in ws_close, not in anything else. */
	void (*on_data)(void *owner, const struct ws_piece *piece);
	void (*on_drained)(void *owner); /* takes bytes again */
	/* It closed, vanished or was found dead; the ws is gone after this. */
	void (*on_gone)(void *owner, enum close_reason reason);
};

/* Who is at the other end; its texts but `listener` and `tls` are owned. */
struct ws_browser {
	char *from;             /* ADDRESS:PORT */
	char *origin;           /* as presented; NULL when absent */
	const char *listener;   /* its name, where the browser came in */
	size_t listener_number; /* as configured */
	const char *tls;        /* protocol version, or "-" */
	bool is_asked;          /* there, for a certificate */
	char *user;             /* by that; NULL: none; owned */
	/* Its address, or a sockaddr_in; of neither family behind a Unix
	   socket. */
	struct sockaddr_in6 client;
};

/* Its address as others want it; AF_UNSPEC: none. */
struct sockaddr_storage ws_browser_address(const struct ws_browser *browser);

/* Gives back the texts. */
void ws_browser_finish(struct ws_browser *browser);

/* What it holds of limits over all workers; front/quota takes them. */
enum ws_place {
	WS_PLACE_CONNECTION = 0, /* of its address at the listener */
	WS_PLACE_SESSION,        /* of the route */
	WS_PLACE_OF_ADDRESS,     /* of its address in the route */
	WS_PLACES,
};

enum ws_state {
	WS_HANDSHAKE = 0,
	WS_OPEN,
	WS_FLUSHING, /* close asked for; what lws holds goes first */
	WS_CLOSING,  /* lws has been told */
};

struct ws {
	struct front_room *room;
	struct listener *listener;
	struct lws *wsi;
	enum ws_state state;
	bool is_stalled; /* the browser's socket takes no more */
	bool is_paused;  /* the owner wants no bytes */
	bool is_unread;  /* and lws has been told */
	bool is_ping_unanswered;
	bool has_said_close; /* the browser sent a close frame */
	bool is_cut;         /* no waiting for what lws still holds */
	bool is_due;         /* on the room's list of those to be settled */
	uint16_t said_code;  /* of the browser's close frame; 0: none in it */
	uint16_t close_code;
	const char *close_word;
	const struct policy_route *route; /* from the upgrade on */
	bool has_client; /* is counted among those that have one of ours */
	const struct ws_events *events;
	void *owner;                /* NULL: nobody listens (any more) */
	struct ws *next;            /* on that list */
	int fd;                     /* lws's; for questions only */
	uv_timer_t tick;            /* see front/liveness.h */
	uint64_t heard_ms;          /* the browser's last bytes */
	uint64_t pinged_ms;         /* the unanswered ping */
	uint64_t moved_ms;          /* last progress of a stalled socket */
	size_t outstanding;         /* in it at that time */
	size_t waiting;             /* octets that lws still holds, at most */
	struct ws_browser browser;  /* a session takes it over */
	bool is_from_proxy;         /* which may say who the client is */
	struct remote remote;       /* who it is for limits by address */
	uint64_t places[WS_PLACES]; /* keys; 0: holds none */
	uint64_t turn_ms;  /* when its session may connect; 0: any time */
	uint64_t retry_ms; /* a refused one may come again in so long */
	enum close_reason refusal;  /* of its listener: whatever it asks for */
	struct tls_failure failure; /* of the handshake of TLS */
};

/* Of an accepted `fd`, which lws will own; NULL: no memory. */
struct ws *ws_create(struct listener *listener, int fd,
                     const struct sockaddr_storage *address);

/*
 * Its client is at `address`, as a proxy says: for the log, and for limits by
 * address, of which it holds no place yet. False: no memory.
 */
bool ws_set_client(struct ws *ws,
                   const struct sockaddr_storage *address) MUST_CHECK;

/* Our own address, where it came in. */
struct sockaddr_storage ws_local_address(const struct ws *ws);

/* After lws has let go of it; accepts NULL. */
void ws_destroy(struct ws *ws);

/* Who hears of it; NULL, NULL: nobody any more. */
void ws_set_owner(struct ws *ws, const struct ws_events *events, void *owner);

/*
 * Sends `data` as one binary message, at once. The WS_HEADROOM bytes in front
 * are overwritten. False when the connection is lost: close it.
 */
bool ws_send(struct ws *ws, uint8_t *data, size_t len) MUST_CHECK;

/* The same as a text message: `data` is UTF-8 [RFC 6455 5.6]. */
bool ws_send_text(struct ws *ws, uint8_t *data, size_t len) MUST_CHECK;

/* Whether the browser is behind: send no more until on_drained. */
bool ws_is_full(const struct ws *ws);

/*
 * Stops and starts reading from the browser, at the end of this turn: what
 * has been read until then still comes (a TLS record at the most).
 */
void ws_pause(struct ws *ws);
void ws_resume(struct ws *ws);

/*
 * Closes with `code` and `word`, after the bytes it still holds. Nobody
 * hears of it any more.
 */
void ws_close(struct ws *ws, uint16_t code, const char *word);

/* The same, without waiting for a browser that takes nothing. */
void ws_cut(struct ws *ws, uint16_t code, const char *word);

/* What lws says, dispatched by front/server. */
void ws_on_data(struct ws *ws, const struct ws_piece *piece);
void ws_on_pong(struct ws *ws);
void ws_on_writable(struct ws *ws);
void ws_on_close_frame(struct ws *ws, struct slice body);
void ws_on_destroy(struct ws *ws);

/* At the end of a turn: tells lws what was decided in it. */
void ws_settle_all(struct front_room *room);
