/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What has been said in the log about the failures of one server: the same
 * reason is said once a minute, another one at once.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/attribute.h"
#include "base/log.h"

#define BLAME_REASONS 4 /* remembered at a time */

struct blame {
	struct {
		uint64_t print; /* of the reason */
		uint64_t said_ms;
	} said[BLAME_REASONS];
	unsigned next;          /* to be forgotten for another one */
	struct log_limit limit; /* whatever the reasons are */
	uint64_t suppressed;    /* since the last line */
};

/*
 * Whether a line with `why` may go out at `now_ms`. `suppressed` then tells
 * how many did not before it.
 */
bool blame_is_new(struct blame *blame, const char *why, uint64_t now_ms,
                  uint64_t *suppressed) MUST_CHECK;

/* All is well again: whatever comes next is new. */
void blame_forget(struct blame *blame);
