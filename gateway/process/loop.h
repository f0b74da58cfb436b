/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An event loop, opened with a word about what it lacks.
 */
#pragma once

#include <stdbool.h>

#include <uv.h>

#include "base/attribute.h"

/* False, after a log line that names the call that failed. */
bool loop_open(uv_loop_t *loop) MUST_CHECK;
