/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A moment of the wall clock for people: 2026-11-28T09:05:08+01:00.
 */
#pragma once

#include <stdint.h>

#define STAMP_BYTES 40

/* `out` has room for STAMP_BYTES. In local time. */
void stamp_write(uint64_t ms, char *out);
