/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The pages at /healthz and /readyz.
 */
#pragma once

#include "base/shared.h"
#include "config/config.h"

/* The page of a process that is alive; the caller frees it. */
char *readiness_alive(void);

/*
 * One line for the workers and one for each broker address; the caller frees
 * it. `status` is 200 while a worker accepts, a broker is reachable and the
 * end has not begun, else 503. NULL: no memory.
 */
char *readiness_text(const struct shared *shared, const struct config *config,
                     unsigned *status);
