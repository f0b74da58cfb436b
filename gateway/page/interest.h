/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a page is subscribed to: filters, in which form it wants the payloads,
 * and how often at most.
 *
 * Where a message comes sooner than its filter's `max_rate` lets it, it waits;
 * of those of one topic the newest only. Time is an argument.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attribute.h"
#include "base/slice.h"
#include "page/losses.h"
#include "upstream/message.h"
#include "json/payload.h"

/* A message that waits for its moment. */
struct interest_message {
	struct interest_message *next;
	struct message message;
	uint8_t bytes[];
};

struct interest {
	struct interest *next;
	struct slice filter; /* into `bytes` */
	struct slice plain;  /* the same without `$share/GROUP/` */
	uint8_t qos;
	bool is_granted; /* by the broker, once */
	enum json_form form;
	uint32_t interval_ms; /* least time between two messages; 0: none */
	uint64_t due_ms;      /* not before then */
	struct interest_message *held; /* that wait for it */
	size_t held_bytes;
	uint8_t bytes[];
};

/* Zeroed: none. */
struct interests {
	struct interest *first;
	size_t count;
};

void interests_finish(struct interests *interests);

/* The one with exactly that filter; NULL: none. */
struct interest *interests_find(const struct interests *interests,
                                struct slice filter);

/* Adds one, or changes the one with that filter; false: no memory. */
bool interests_put(struct interests *interests, struct slice filter,
                   uint8_t qos, enum json_form form,
                   uint32_t interval_ms) MUST_CHECK;

void interests_drop(struct interests *interests, struct slice filter);

/* The first whose filter has `topic` in it; NULL: none. */
struct interest *interests_match(const struct interests *interests,
                                 struct slice topic);

/* Whether a message may go at `now_ms`; then the next has to wait again. */
bool interest_is_due(struct interest *interest, uint64_t now_ms);

/*
 * Keeps a message until it is due, in place of an older one of its topic. With
 * more than `most` octets the oldest go, but for the last one. What went is
 * counted in `losses`. False: no memory.
 */
bool interest_hold(struct interest *interest, const struct message *message,
                   size_t most, struct losses *losses) MUST_CHECK;

/* The oldest that waits, to be freed; NULL: none does. */
struct interest_message *interest_take(struct interest *interest);

/* Octets that wait in all of them. */
size_t interests_held(const struct interests *interests);

/* When the next message of any of them is due; 0: none waits. */
uint64_t interests_due_ms(const struct interests *interests);

/*
 * With more than `most` octets in all, those of others than `kept` go and are
 * counted. False: no memory.
 */
bool interests_trim(struct interests *interests, const struct interest *kept,
                    size_t most, struct losses *losses) MUST_CHECK;
