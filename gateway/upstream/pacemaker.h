/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keeps Paho's threads awake. Its poll loop does not know of a socket that was
 * opened after it fell asleep, for up to a second, and rests for a tenth after
 * a second without any bytes.
 *
 * The pacemaker is a client that is connected to nobody but ourselves. Bytes
 * to it wake the loop: often while a client connects, else now and then. It
 * also is the one client that is always left, so that the threads stay.
 */
#pragma once

#include <uv.h>

struct client_room;
struct pacemaker;

/* Opens its client in `room`; NULL: no memory. */
struct pacemaker *pacemaker_create(struct client_room *room, uv_loop_t *loop);

/* Its memory goes when the loop has closed its handle; accepts NULL. */
void pacemaker_destroy(struct pacemaker *pacemaker);

/* A client begins to connect; and it has, or it has not. */
void pacemaker_will_connect(struct pacemaker *pacemaker);
void pacemaker_has_connected(struct pacemaker *pacemaker);
