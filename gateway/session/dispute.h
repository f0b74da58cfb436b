/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two programs with one client id: each connects, whereupon the broker ends
 * the connection of the other, which connects again, and so on. After more
 * than five such takeovers in a minute the id has to wait, half a minute for
 * each one more, and the operator is told (base/takeover.h).
 *
 * MQTT 5 has a word for it, DISCONNECT 0x8E, but mosquitto 2.0 seldom says it.
 * Without that word it is guessed, and rather not than wrongly: the broker has
 * ended a connection whose client was neither silent for too long nor busy just
 * then, the id is back within ten seconds, and another session of this worker
 * had and kept its connection to the same upstream all the time. So an id whose
 * client always has something to say, or that is alone in its worker, is not
 * found out.
 */
#pragma once

#include <stdbool.h>

#include "base/attribute.h"

struct session;

/* Its client id has come with CONNECT: whether that has to wait. */
bool dispute_holds_back(struct session *session) MUST_CHECK;

/* The broker says that somebody else has taken its id. */
void dispute_lose(struct session *session);

/* The broker has ended its connection and does not say why. */
void dispute_suspect(struct session *session);
