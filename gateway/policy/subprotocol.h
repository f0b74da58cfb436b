/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The WebSocket subprotocol of a session.
 *
 * The client lists what it speaks, best first; the first name that the route
 * knows is taken, for a browser fails when its list is answered by none. Names
 * are tokens and compared as they are, case included.
 */
#pragma once

#include <stdbool.h>

#include "base/close.h"
#include "base/slice.h"
#include "config/config.h"
#include "policy/header.h"

struct subprotocol_rule {
	const struct config_texts *known; /* borrowed */
	bool may_be_none; /* a client that sends no list comes in */
	bool may_be_any;  /* where none is known, all are */
};

/*
 * Chooses from the client's list: CLOSE_NONE and `out`, in the client's
 * bytes, or empty when it may be none and there is no list;
 * CLOSE_NO_SUBPROTOCOL when it names none that is known; CLOSE_BAD_REQUEST
 * when it is no list of tokens (an empty element counts as that: lws drops
 * such a handshake without an answer).
 */
enum close_reason subprotocol_choose(const struct subprotocol_rule *rule,
                                     const struct header *header,
                                     struct slice *out);
