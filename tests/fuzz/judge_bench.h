/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A route for the judge, chosen by two octets of fuzz: with or without rules,
 * read-only, with a login of its own, without lasting sessions, with small
 * bounds.
 */
#pragma once

#include <stdint.h>

#include "config/config.h"
#include "policy/policy.h"

#define BENCH_OCTETS 2

/* Points into itself: it must not be moved. */
struct bench {
	struct config_upstream upstream;
	struct config_route config;
	struct policy_route route;
};

void bench_init(struct bench *bench, const uint8_t choice[BENCH_OCTETS]);
void bench_finish(struct bench *bench);
