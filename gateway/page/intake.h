/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes whole messages of the pieces that a browser's WebSocket hands out. A
 * message that comes in one piece is not copied.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/backlog.h"
#include "base/slice.h"
#include "front/ws.h"

enum intake_step {
	INTAKE_MORE = 0,
	INTAKE_WHOLE, /* `message` is one; take it, then intake_clear */
	INTAKE_TOO_LARGE,
	INTAKE_MEMORY,
};

/* Zeroed: empty. */
struct intake {
	struct backlog pieces;
};

void intake_finish(struct intake *intake);

/* Adds a piece to a message of at most `most` octets. */
enum intake_step intake_add(struct intake *intake, const struct ws_piece *piece,
                            size_t most, struct slice *message);

/* Forgets the message that was whole. */
void intake_clear(struct intake *intake);
