/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The side of a relay that speaks MQTT to us: a browser's WebSocket, or the
 * loopback stream of the client that speaks it for a page which cannot.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attribute.h"
#include "front/ws.h"
#include "upstream/stream.h"

_Static_assert(STREAM_HEADROOM > WS_HEADROOM, "a held head goes in front");

/* One of the two, borrowed; neither once it is gone. */
struct near {
	struct ws *ws;
	struct stream *stream;
};

bool near_is_there(const struct near *near);

/*
 * Sends `data` at once; the WS_HEADROOM bytes in front may be overwritten.
 * False: the other side is lost.
 */
bool near_send(const struct near *near, uint8_t *data, size_t len) MUST_CHECK;

/* Whether it is behind: nothing more may be sent to it for a while. */
bool near_is_full(const struct near *near);

/* Stops and starts reading from it. */
void near_pause(const struct near *near);
void near_resume(const struct near *near);

/* Whether it is not read now. */
bool near_is_paused(const struct near *near);
