/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opens a socket to one target: name, then each of its addresses in turn,
 * within one time limit. Never blocks.
 */
#pragma once

#include <stdint.h>
#include <uv.h>

#include "upstream/resolver.h"
#include "upstream/target.h"

struct dial;

/*
 * `fd` is a connected, non-blocking socket that the owner now has, or -1 with
 * `why` in words. The dial is gone with this call.
 */
typedef void dial_done(void *owner, int fd, const char *why);

/*
 * Begins; `done` is called once, never from inside this call. Borrows
 * `target` until then. NULL, and no call, when there is no memory.
 */
struct dial *dial_open(uv_loop_t *loop, struct resolver *resolver,
                       const struct target *target, uint64_t limit_ms,
                       dial_done *done, void *owner);

/* Gives up; `done` is not called. Accepts NULL. */
void dial_cancel(struct dial *dial);
