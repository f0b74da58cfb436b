/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The WebSocket subprotocol of a session.
 *
 * The client lists what it speaks, best first; the first name that the route
 * knows is taken. Names are tokens and compared as they are, case included.
 */
#pragma once

#include "base/close.h"
#include "base/slice.h"
#include "config/config.h"
#include "policy/header.h"

/*
 * Chooses from the client's list: CLOSE_NONE and `out`, in the client's
 * bytes; CLOSE_NO_SUBPROTOCOL when it names none that is `known`;
 * CLOSE_BAD_REQUEST when it is no list of tokens (an empty element counts as
 * that: lws drops such a handshake without an answer).
 */
enum close_reason subprotocol_choose(const struct config_texts *known,
                                     const struct header *header,
                                     struct slice *out);
