/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Requests of a page whose response is awaited [MQTT5 4.10]. Time is an
 * argument.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attribute.h"
#include "base/slice.h"

#define ASK_CORRELATION_OCTETS 8

struct ask {
	struct ask *next;
	uint64_t number; /* of its PUBLISH in the outbox */
	uint64_t due_ms; /* then it is too late */
	uint8_t correlation[ASK_CORRELATION_OCTETS];
	struct slice id; /* of the page */
	uint8_t bytes[];
};

/* Zeroed: none. */
struct asks {
	struct ask *first; /* in no order */
	size_t count;
	uint64_t numbers;
};

void asks_finish(struct asks *asks);

/* Adds one with a correlation of its own; NULL: no memory. */
struct ask *asks_add(struct asks *asks, struct slice id, uint64_t due_ms);

/* Give the one in question, or NULL. */
struct ask *asks_find_correlation(const struct asks *asks,
                                  struct slice correlation);
struct ask *asks_find_number(const struct asks *asks, uint64_t number);
struct ask *asks_find_due(const struct asks *asks, uint64_t now_ms);

/* Takes it out and frees it. */
void asks_drop(struct asks *asks, struct ask *ask);

/* When the first of them is too late; 0: there is none. */
uint64_t asks_due_ms(const struct asks *asks);
