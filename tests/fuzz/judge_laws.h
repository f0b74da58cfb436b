/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What must hold of anything that has passed the judge, read again from the
 * wire by its own road: it knows the route, not the judge.
 */
#pragma once

#include <stdlib.h>

#include "base/slice.h"

struct policy_route;

/* Not assert: the law holds in a build without assertions too. */
#define LAW(condition)                                                         \
	do {                                                                   \
		if (!(condition))                                              \
			abort();                                               \
	} while (0)

/* All that went to the broker, from its CONNECT on. */
void laws_check_broker(const struct policy_route *route, struct slice wire);

/* All that went to the browser of the session that began with `connect`. */
void laws_check_browser(const struct policy_route *route, struct slice wire,
                        struct slice connect);
