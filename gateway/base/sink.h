/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stderr, for who must never wait for it.
 *
 * Several processes write to it. A pipe that has room now may have none a
 * moment later, so that to ask first is not enough: a pipe gets an open file
 * of our own that does not block, for that of stderr is shared with whoever
 * started us.
 */
#pragma once

#include <stddef.h>

#include "base/slice.h"

/* Once, before the first fork. Without it, sink_write asks first. */
void sink_open(void);

/* Writes what is taken at once; gives how much that was. */
size_t sink_write(struct slice text);

/* Waits at most `ms` until more may be taken. */
void sink_wait(int ms);
