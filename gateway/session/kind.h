/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the kinds of sessions do differently.
 *
 * A session lives, is logged and ends the same way whatever its browser
 * speaks (session/session.h). Its kind says what becomes of the browser's
 * messages, and what of the session when its relay opens or ends.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/close.h"
#include "base/slice.h"
#include "mqtt/publish.h"
#include "session/alarm.h"

struct session;
struct ws_piece;

struct session_kind {
	/* The browser has come in; false: no memory for it. */
	bool (*open)(struct session *session);

	void (*on_data)(struct session *session, const struct ws_piece *piece);
	void (*on_drained)(struct session *session); /* it takes bytes again */
	/* session->ws is NULL by now. */
	void (*on_gone)(struct session *session, enum close_reason reason);

	/* The relay has its upstream: relay_begin is the kind's to call. */
	void (*on_relay_open)(struct session *session);
	/* It cannot go on: relay_close or session_close it. */
	void (*on_relay_end)(struct session *session, enum close_reason reason);

	/* A PUBLISH of its client has passed, or was refused by our rules;
	   NULL: no need to know. */
	void (*on_published)(struct session *session,
	                     const struct mqtt_publish *publish, size_t payload,
	                     bool is_refused);

	/* The session is to end in good order. */
	void (*end)(struct session *session, enum close_reason reason);

	/* Something of the kind's own is due. */
	void (*on_due)(struct session *session, enum alarm_cause cause);

	/* The session ends; tells the browser, if that is there. */
	void (*close)(struct session *session, enum close_reason reason);

	/* Octets that wait in it; NULL: none ever do. */
	size_t (*waiting)(const struct session *session);

	/* Gives back the kind's own memory. */
	void (*finish)(struct session *session);
};

extern const struct session_kind kind_mqtt;
