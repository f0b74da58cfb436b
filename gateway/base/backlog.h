/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bytes that wait because a socket did not take them yet: in at the end, out
 * at the front. Empty, it holds no memory. The owner sets the bound, by not
 * reading on while something waits here.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attribute.h"
#include "base/slice.h"

struct backlog {
	uint8_t *data; /* NULL while empty */
	size_t start;  /* first byte that still waits */
	size_t end;
	size_t size;
};

/* A zeroed backlog is empty and good; finish gives its memory back. */
void backlog_finish(struct backlog *backlog);

/* Copies `bytes` to the end; false when there is no memory for them. */
bool backlog_put(struct backlog *backlog, struct slice bytes) MUST_CHECK;

/* All that waits; good until the next put, drop or finish. */
struct slice backlog_peek(const struct backlog *backlog);

/* Forgets the first `len` bytes of what peek gives. */
void backlog_drop(struct backlog *backlog, size_t len);
