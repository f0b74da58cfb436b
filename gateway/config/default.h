/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The configuration for the case that there is no file.
 *
 * A door for the machine it runs on: loopback listeners, the broker beside
 * it, pages of localhost. Options of the command line change parts of it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct config;
struct problems;

/* What the command line puts in place of the default's; a count of 0: keeps */
struct config_overrides {
	const char *const *upstreams; /* --upstream: URLs, tried in order */
	size_t upstream_count;
	const char *const *listens; /* --listen: [ADDR:]PORT */
	size_t listen_count;
	const char *const *origins; /* --origin: as in a route's origins */
	size_t origin_count;
	bool has_ipv6; /* the machine has: a port alone listens on ::1 too */
};

/*
 * Never NULL. Wrong values are problems of "--listen", "--upstream" or
 * "--origin". Clients without an Origin may come in only while all listeners
 * are loopback: else they are refused, and a warning says so.
 */
struct config *config_default(const struct config_overrides *overrides,
                              struct problems *problems);
