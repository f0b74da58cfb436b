/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reaches the first of an upstream's servers that answers, within the
 * upstream's connect_timeout_ms for all of them together.
 */
#pragma once

#include <stdbool.h>

#include "upstream/dial.h"
#include "upstream/target.h"

struct failover;

/*
 * Begins; `done` as in dial.h: called once, never from inside this call. What
 * fails is in the log unless `is_quiet`.
 */
struct failover *failover_open(uv_loop_t *loop, struct resolver *resolver,
                               struct upstream *upstream, bool is_quiet,
                               dial_done *done, void *owner);

/* Gives up; `done` is not called. Accepts NULL. */
void failover_cancel(struct failover *failover);
