/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzz as a talk of two: packets, each behind an octet that says whose it is
 * and how much of it comes now. '>' is a packet of the browser, '<' one of
 * the broker; what is left of a packet comes with the next octet of its side.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"
#include "mqtt/protocol.h"

struct script {
	struct slice rest;
	size_t left[2]; /* of each side's packet at hand */
};

struct piece {
	enum mqtt_sender from;
	struct slice octets;
};

/* What one side sends at a time; false: that was all. */
bool script_next(struct script *script, struct piece *piece);
