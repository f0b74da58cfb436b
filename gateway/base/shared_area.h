/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How the shared area (base/shared.h) is laid out; for its own files only.
 */
#pragma once

#include <stdalign.h>
#include <stdatomic.h>

#include "base/hash.h"
#include "base/pace.h"
#include "base/roll.h"
#include "base/shared.h"
#include "base/takeover.h"
#include "base/tally.h"
#include "base/ticket_keys.h"

#define SHARED_PACES 65536 /* more than addresses that come fast at a time */
#define SHARED_PAGE 4096

struct shared_row {
	_Atomic bool is_claimed;
	_Atomic uint64_t counters[SHARED_COUNTERS];
	_Atomic uint64_t gauges[SHARED_GAUGES];
	_Atomic uint32_t sessions[ROLL_NAMES]; /* by route */
	alignas(SHARED_PAGE) struct tally places;
};

struct shared {
	size_t bytes; /* of the whole mapping */
	size_t row_count;
	_Atomic size_t rows_used; /* the others never had an owner */
	uint64_t began_s;
	_Atomic uint64_t deeds[SHARED_DEEDS];
	_Atomic bool draining;
	struct roll rolls[SHARED_SORTS_OF_NAME];
	_Atomic uint64_t denied[ROLL_NAMES][DENIALS]; /* by route */
	_Atomic uint64_t opened[ROLL_NAMES];          /* the same */
	_Atomic int reach[ROLL_NAMES];                /* by server */
	struct hash_seed seed;
	struct pace paces[SHARED_PACES];
	struct pace turns[SHARED_PACES]; /* of few, so that each has its own */
	struct takeovers takeovers;
	struct ticket_keys ticket_keys;
	struct shared_row rows[];
};
