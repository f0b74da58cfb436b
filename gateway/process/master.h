/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The master: opens the sockets, keeps the workers going, ends in good order.
 * It sees no browser and no broker.
 */
#pragma once

#include "process/snapshot.h"

/*
 * Serves `snapshot` until SIGTERM or SIGINT, and drains then; the second such
 * signal, or drain.timeout_s, ends it at once. Gives the exit code; in a
 * worker it returns, too, with that worker's.
 */
int master_run(const struct snapshot *snapshot);
