/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads a configuration file from disk, up to a bound.
 */
#pragma once

#include <stddef.h>

#include "config/problem.h"

#define SOURCE_MAX_BYTES ((size_t)1 << 20)

/*
 * The bytes of the file, with a NUL behind them, to be freed. NULL: missing,
 * unreadable, no file, empty or too large; `problems` then says which.
 */
char *source_read(const char *path, size_t *len, struct problems *problems);
