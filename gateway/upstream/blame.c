/* SPDX-License-Identifier: Apache-2.0 */
#include "upstream/blame.h"

#include <string.h>

#include "base/hash.h"
#include "base/slice.h"

#define AGAIN_MS 60000
#define LOGS_PER_SECOND 4 /* reasons may come in any number */

/* Two reasons that look alike here cost a line of the log, no more. */
static const struct hash_seed seed;

/* Its place among those said before, or the one that it gets. */
static unsigned place_of(const struct blame *blame, uint64_t print)
{
	for (unsigned i = 0; i < BLAME_REASONS; i++) {
		if (blame->said[i].print == print)
			return i;
	}
	return blame->next;
}

bool blame_is_new(struct blame *blame, const char *why, uint64_t now_ms,
                  uint64_t *suppressed)
{
	uint64_t print = hash_slice(&seed, slice_from_text(why));
	unsigned place = place_of(blame, print);
	bool is_known = blame->said[place].print == print;
	uint64_t unsaid;

	if ((is_known && now_ms - blame->said[place].said_ms < AGAIN_MS) ||
	    !log_limit_allows(&blame->limit, now_ms, LOGS_PER_SECOND,
	                      &unsaid)) {
		blame->suppressed++;
		return false;
	}
	if (!is_known)
		blame->next = (blame->next + 1) % BLAME_REASONS;
	blame->said[place].print = print;
	blame->said[place].said_ms = now_ms;
	*suppressed = blame->suppressed;
	blame->suppressed = 0;
	return true;
}

void blame_forget(struct blame *blame)
{
	memset(blame->said, 0, sizeof blame->said);
}
