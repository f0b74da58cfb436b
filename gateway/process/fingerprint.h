/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a configuration comes to, in numbers that two configurations share
 * where they mean the same: for each route all that it names (upstream, ACL,
 * login, what its files hold), for each listener all but its certificate.
 *
 * Two fingerprints tell what a reload changes, and for whom.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/attribute.h"
#include "base/close.h"
#include "config/config.h"

struct fingerprint {
	uint64_t whole; /* all but the log's settings */
	uint64_t *routes;
	uint64_t *listeners;
};

/* Of `config` with its secrets; false: no memory. */
bool fingerprint_init(struct fingerprint *print,
                      const struct config *config) MUST_CHECK;
void fingerprint_finish(struct fingerprint *print);

/* A configuration and what it comes to. */
struct fingerprint_of {
	const struct config *config;
	const struct fingerprint *print;
};

/* How many routes are what they were, are another, are no more, and are new. */
struct fingerprint_change {
	unsigned same;
	unsigned changed;
	unsigned gone;
	unsigned added;
};

struct fingerprint_change fingerprint_compare(struct fingerprint_of before,
                                              struct fingerprint_of after);

/*
 * Why sessions of route (listener) `index` of `before` have to end when
 * `after` takes over: `reload` if it has changed, `policy_changed` if it is
 * no more; else CLOSE_NONE.
 */
enum close_reason fingerprint_of_route(struct fingerprint_of before,
                                       size_t index,
                                       struct fingerprint_of after);
enum close_reason fingerprint_of_listener(struct fingerprint_of before,
                                          size_t index,
                                          struct fingerprint_of after);
