/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What text and JSON of the status have in common.
 */
#pragma once

#include <stdint.h>

#include "base/close.h"
#include "base/shared.h"
#include "control/status.h"

const char *status_state_word(enum status_state state);
const char *status_role_word(enum status_role role);
const char *status_reach_word(enum shared_reach reach);

/*
 * How often a reason was given, in all; `first` is the counter of refusals or
 * of ends.
 */
uint64_t status_count_of(const struct status *status, enum shared_counter first,
                         enum close_reason reason);

/* Whole days from now until `until_ms`; negative when it is over. */
int64_t status_days_left(const struct status *status, uint64_t until_ms);

/* What a route lets in, to be freed; NULL: no memory. */
char *status_charter(const struct status *status, size_t route);
