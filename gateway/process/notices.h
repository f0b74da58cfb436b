/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the log says of the certificates that are shown: which they are when
 * they begin to be, and that their end is near, once at each stage.
 *
 * What a load says of their end on its own, as of all that is doubtful in a
 * configuration, is not said once more.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "process/generation.h"
#include "tls/expiry.h"

struct notices {
	struct tls_expiry_told told;
};

/* `generation` serves, which was loaded a moment ago. */
void notices_begin(struct notices *notices, const struct generation *generation,
                   uint64_t now_s);

/*
 * It shows something else at `listener`; `is_loaded`: as its configuration
 * was loaded again.
 */
void notices_change(struct notices *notices,
                    const struct generation *generation, size_t listener,
                    bool is_loaded, uint64_t now_s);

/* Now and then. */
void notices_look(struct notices *notices, const struct generation *generation,
                  uint64_t now_s);
