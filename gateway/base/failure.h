/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A call that has failed where it hardly ever does: the log names it, so that
 * whoever has denied it (a filter of system calls, a limit) can be found.
 */
#pragma once

#include <stdbool.h>

/* False, always, after a line with the call's name and what `error` means. */
bool failure_of(const char *call, int error);
