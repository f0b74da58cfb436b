/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Why a handshake is refused or a session ends: the one list.
 *
 * Every reason has one word. The word is the text of the WebSocket close
 * frame, the `reason=` of the log and the label of the counter; the numbers
 * beside it are what the browser gets to see of it on each road.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum close_reason {
	CLOSE_NONE = 0, /* nothing is wrong */

	/* Before the upgrade: answered with an HTTP status. */
	CLOSE_BAD_REQUEST,
	CLOSE_NO_SUBPROTOCOL,
	CLOSE_ORIGIN_REPEATED,
	CLOSE_UNAUTHENTICATED,
	CLOSE_ORIGIN_ABSENT,
	CLOSE_ORIGIN_NULL,
	CLOSE_ORIGIN_MALFORMED,
	CLOSE_ORIGIN_UNKNOWN,
	CLOSE_NO_ROUTE,
	CLOSE_BAD_METHOD,
	CLOSE_BAD_HOST,
	CLOSE_BAD_VERSION,
	CLOSE_PROXY_HEADER,
	CLOSE_TLS, /* and before any of it, without an answer */
	CLOSE_ADDRESS_LIMIT,
	CLOSE_HANDSHAKE_RATE,
	CLOSE_SESSION_LIMIT,
	CLOSE_WORKER_FULL,
	CLOSE_DRAINING,
	CLOSE_MEMORY,
	CLOSE_DESCRIPTORS,

	/*
	 * After the upgrade: a packet where MQTT has one, then a frame. Where
	 * it is known before already that the upstream cannot be reached, the
	 * handshake is refused with that.
	 */
	CLOSE_CONNECT_TIMEOUT,
	CLOSE_TEXT_FRAME,
	CLOSE_BAD_UTF8,
	CLOSE_MALFORMED,
	CLOSE_PROTOCOL_ERROR,
	CLOSE_TOO_LARGE,
	CLOSE_BAD_LOGIN,
	CLOSE_NOT_AUTHORISED,
	CLOSE_CLIENT_ID,
	CLOSE_EXPIRED,
	CLOSE_POLICY_CHANGED,
	CLOSE_FLOOD,
	CLOSE_SLOW_READER,
	CLOSE_IDLE,
	CLOSE_UPSTREAM_UNREACHABLE,
	CLOSE_UPSTREAM_REFUSED,
	CLOSE_UPSTREAM_CLOSED,
	CLOSE_UPSTREAM_GARBAGE,
	CLOSE_TAKEN_OVER,
	CLOSE_DRAIN,
	CLOSE_RELOAD,
	CLOSE_INTERNAL,

	/* The browser's own doing: only logged and counted. */
	CLOSE_BROWSER_CLOSED,
	CLOSE_BROWSER_VANISHED,

	CLOSE_REASONS, /* how many there are */
};

struct close_answer {
	const char *word;
	uint16_t http;       /* status before the upgrade, or 0 */
	uint16_t mqtt_frame; /* close code on an `mqtt` route, or 0 */
	uint16_t json_frame; /* the same on `json` and `channel` */
	uint8_t connack5;    /* reason code in place of CONNACK 0, or 0 */
	uint8_t connack3;    /* the same for MQTT 3.1 and 3.1.1, or 0 */
	uint8_t disconnect5; /* reason code of a DISCONNECT, or 0 */
};

/* What goes out for `reason`; borrowed for good. */
const struct close_answer *close_answer(enum close_reason reason);

/* Whether `reason` may refuse a handshake, end a session; one does both. */
bool close_refuses(enum close_reason reason);
bool close_ends(enum close_reason reason);
