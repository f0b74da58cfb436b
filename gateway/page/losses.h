/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How many messages of which topics were not passed on, until the page has
 * been told.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attribute.h"
#include "base/slice.h"

#define LOSSES_TOPICS_MAX 64 /* counted one by one */
#define LOSSES_OTHERS "#"    /* what all other topics are counted as */

struct loss {
	struct loss *next;
	uint64_t count;
	size_t topic_len;
	uint8_t topic[];
};

/* Zeroed: none. */
struct losses {
	struct loss *first;
	size_t topics;
};

void losses_finish(struct losses *losses);

/* Counts `count` messages of `topic` more; false: no memory. */
bool losses_count(struct losses *losses, struct slice topic,
                  uint64_t count) MUST_CHECK;

/* What was counted and not taken yet, to be freed; NULL: nothing. */
struct loss *losses_take(struct losses *losses);
