/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The master: opens the sockets, keeps the workers going, reads the
 * configuration again when it is told to, ends in good order. It sees no
 * browser and no broker.
 */
#pragma once

#include "process/inherited.h"
#include "process/reload.h"
#include "process/snapshot.h"

/*
 * Serves `snapshot`, which is taken, on `inherited` sockets and its own until
 * SIGTERM or SIGINT, and drains then; the second such signal, or
 * drain.timeout_s, ends it at once. SIGHUP loads the next configuration from
 * `source`, which is borrowed. Gives the exit code; in a worker it returns,
 * too, with that worker's.
 */
int master_run(struct snapshot *snapshot, struct inherited *inherited,
               reload_load *load, const void *source);
