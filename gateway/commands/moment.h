/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A moment as logs write it.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/attribute.h"

/*
 * Reads seconds since 1970, or 2026-11-28T09:05:08 in local time, or with `Z`
 * or an offset behind it. A fraction of the second is let go, and so is a
 * colon at the end, which brokers put there. False: it is none of these.
 */
bool moment_read(const char *text, uint64_t *seconds) MUST_CHECK;
