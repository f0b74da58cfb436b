/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keeps Paho's two threads awake.
 *
 * Its poll loop does not know of a socket that was opened after it fell
 * asleep, for up to a second, and rests for a tenth after a second without any
 * octets. Its sending thread may miss that there is something to send, for up
 * to a second too, and for hours when the wall clock is set back. The pacemaker
 * is a client that is connected to nobody but ourselves: octets to it wake the
 * first, a message of it wakes the second. It also is the one client that is
 * always left, so that the threads stay.
 */
#pragma once

#include <uv.h>

struct client_room;
struct pacemaker;

/* Opens its client in `room`; NULL: no memory. */
struct pacemaker *pacemaker_create(struct client_room *room, uv_loop_t *loop);

/* Its memory goes when the loop has closed its handle; accepts NULL. */
void pacemaker_destroy(struct pacemaker *pacemaker);

/* Wakes the poll loop; NULL is nobody yet. */
void pacemaker_beat(struct pacemaker *pacemaker);

/* Something was ordered: wakes the sending thread if it does not by itself. */
void pacemaker_nudge(struct pacemaker *pacemaker);
