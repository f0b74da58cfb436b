/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who of the two is read, and who has to wait: for the other one's socket, for
 * the limits of the route, for the log; and for how long a packet may stay
 * unfinished.
 */
#pragma once

#include <stddef.h>

struct session;

/* After each step: packets of our own go out, and both sides are set. */
void steering_settle(struct session *session);

/* The broker takes no more: its browser is not read on. */
void steering_broker_full(struct session *session);

/*
 * Lets nothing of its browser pass for as long as the limits, or the log, ask
 * for (relay.is_held); then steering_hold_over is due.
 */
void steering_hold(struct session *session);
void steering_hold_over(struct session *session);

/*
 * After `piece` octets from the browser: a packet that has begun has its time.
 * When that is over, what came meanwhile may have renewed it.
 */
void steering_watch_packet(struct session *session, size_t piece);
void steering_packet_late(struct session *session);
