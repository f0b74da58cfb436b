/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Is the browser still there, and does it read?
 *
 * One timer a connection: the limit of the handshake, then a ping after
 * ping_s without a byte from the browser and the end after pong_s more; while
 * its socket takes nothing, no pings, but the end after stall_s without
 * progress; while it is not read, no pings, but the end when it has reset.
 * lws's own keep-alive is off: it counts only pongs.
 */
#pragma once

struct ws;

/* The handshake begins. */
void liveness_start(struct ws *ws);

/* The upgrade is done; or the browser is read again after a pause. */
void liveness_schedule(struct ws *ws);

/* The browser's socket takes no more from now on. */
void liveness_watch_stall(struct ws *ws);
