/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One review of a route, and what it is expected to find.
 */
#pragma once

#include "config/config.h"
#include "config/problem.h"

/* Where the settings of the route are. */
#define INSPECTION_LINE 4

struct inspection {
	const char *kind; /* of the route */
	void (*review)(const struct config *config,
	               const struct config_route *route,
	               struct problems *problems);
};

/*
 * Reviews a route with `settings`, beside an ACL "some" with `rules`. The
 * caller finishes the problems.
 */
struct problems inspect(const struct inspection *inspection, const char *rules,
                        const char *settings);

/* Fail the test unless just that is found. */
void expect_nothing(const struct inspection *inspection, const char *rules,
                    const char *settings);
void expect_one_error(const struct inspection *inspection, const char *settings,
                      const char *text);
void expect_one_warning(const struct inspection *inspection, const char *rules,
                        const char *settings, const char *text);
