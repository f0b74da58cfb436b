/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keys of TLS session tickets, in the shared area: every worker of every
 * generation reads the tickets of all others.
 *
 * The master makes a new key once a day; the one before it still opens tickets
 * for another day, as long as a ticket is good; older ones are wiped. It is the
 * one writer. Readers do not wait for it: they read again when a key has
 * changed meanwhile, so that nobody ever sees half of one. Plain octets: what
 * they mean is known to tls/tickets.h.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/attribute.h"

#define TICKET_KEYS_LIFE_S 86400 /* as current key, and of a ticket */

struct ticket_key {
	uint8_t name[16]; /* stands in each ticket, for all to see */
	uint8_t cipher[32];
	uint8_t mac[32];
};

struct ticket_key_pair {
	struct ticket_key current;
	struct ticket_key previous;
	bool has_previous;
};

#define TICKET_KEY_WORDS (sizeof(struct ticket_key) / sizeof(uint64_t))
#define TICKET_KEY_SLOTS 3 /* the next one, the current, the one before it */

/* All zero before they begin. */
struct ticket_keys {
	_Atomic uint64_t number; /* of the current key; its slot is the rest */
	uint64_t since_ms;       /* it is the current one; the master's */
	_Atomic uint64_t slots[TICKET_KEY_SLOTS][TICKET_KEY_WORDS];
};

/*
 * By the master, before it forks. `now_ms` is of a clock that nobody sets, as
 * below. False: the system gives no random octets.
 */
bool ticket_keys_begin(struct ticket_keys *keys, uint64_t now_ms) MUST_CHECK;

/*
 * By the master, now and then: makes a new key when the day of the current one
 * is over, and says so. Without random octets it stays as it is.
 */
bool ticket_keys_look(struct ticket_keys *keys, uint64_t now_ms);

/* By the master, when no worker is left. */
void ticket_keys_wipe(struct ticket_keys *keys);

/* By anybody; false before they have begun. `out` is a secret: wipe it. */
bool ticket_keys_read(const struct ticket_keys *keys,
                      struct ticket_key_pair *out) MUST_CHECK;
