/* SPDX-License-Identifier: Apache-2.0 */
#include "control/status_words.h"

#include <stdio.h>
#include <stdlib.h>

#include "config/config.h"
#include "control/charter.h"

#define DAY_MS (24 * 3600 * INT64_C(1000))

const char *status_state_word(enum status_state state)
{
	static const char *const words[] = {
		[STATUS_SERVING] = "serving",
		[STATUS_STARTING] = "starting",
		[STATUS_RELOADING] = "reloading",
		[STATUS_DRAINING] = "draining",
	};

	return words[state];
}

const char *status_role_word(enum status_role role)
{
	static const char *const words[] = {
		[STATUS_CURRENT] = "current",
		[STATUS_NEXT] = "next",
		[STATUS_KEEPING] = "keeping",
		[STATUS_ENDING] = "ending",
	};

	return words[role];
}

const char *status_reach_word(enum shared_reach reach)
{
	static const char *const words[] = {
		[SHARED_REACH_UNKNOWN] = "unknown",
		[SHARED_REACH_UP] = "reachable",
		[SHARED_REACH_DOWN] = "unreachable",
	};

	return words[reach];
}

uint64_t status_count_of(const struct status *status, enum shared_counter first,
                         enum close_reason reason)
{
	int counter = (int)first + (int)reason;

	return shared_sum_counter(status->shared, (enum shared_counter)counter);
}

int64_t status_days_left(const struct status *status, uint64_t until_ms)
{
	int64_t left_ms = (int64_t)until_ms - (int64_t)status->now_ms;

	return left_ms < 0 ? -1 : left_ms / DAY_MS;
}

char *status_charter(const struct status *status, size_t route)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return NULL;
	charter_write(out, status->config, &status->config->routes[route]);
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}
