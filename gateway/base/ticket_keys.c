/* SPDX-License-Identifier: Apache-2.0 */
#include "base/ticket_keys.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "base/failure.h"

#define LIFE_MS (TICKET_KEYS_LIFE_S * UINT64_C(1000))

_Static_assert(sizeof(struct ticket_key) % sizeof(uint64_t) == 0,
               "a key is whole words");

static void write_slot(struct ticket_keys *keys, uint64_t number,
                       const struct ticket_key *key)
{
	_Atomic uint64_t *slot = keys->slots[number % TICKET_KEY_SLOTS];
	uint64_t words[TICKET_KEY_WORDS];

	memcpy(words, key, sizeof words);
	for (size_t i = 0; i < TICKET_KEY_WORDS; i++)
		atomic_store(&slot[i], words[i]);
	explicit_bzero(words, sizeof words);
}

static void read_slot(const struct ticket_keys *keys, uint64_t number,
                      struct ticket_key *key)
{
	const _Atomic uint64_t *slot = keys->slots[number % TICKET_KEY_SLOTS];
	uint64_t words[TICKET_KEY_WORDS] = { 0 };

	for (size_t i = 0; i < TICKET_KEY_WORDS; i++)
		words[i] = atomic_load(&slot[i]);
	memcpy(key, words, sizeof words);
	explicit_bzero(words, sizeof words);
}

/*
 * Nobody reads the slot of the next key before the number says that it is
 * there. Who was reading the oldest while it is wiped sees another number.
 */
static bool add(struct ticket_keys *keys, uint64_t now_ms)
{
	uint64_t next = atomic_load(&keys->number) + 1;
	struct ticket_key key;

	if (getrandom(&key, sizeof key, 0) != (ssize_t)sizeof key)
		return failure_of("getrandom", errno);
	write_slot(keys, next, &key);
	atomic_store(&keys->number, next);
	explicit_bzero(&key, sizeof key);
	write_slot(keys, next + 1, &key);
	keys->since_ms = now_ms;
	return true;
}

bool ticket_keys_begin(struct ticket_keys *keys, uint64_t now_ms)
{
	return add(keys, now_ms);
}

bool ticket_keys_look(struct ticket_keys *keys, uint64_t now_ms)
{
	return now_ms - keys->since_ms >= LIFE_MS && add(keys, now_ms);
}

void ticket_keys_wipe(struct ticket_keys *keys)
{
	explicit_bzero(keys, sizeof *keys);
}

bool ticket_keys_read(const struct ticket_keys *keys,
                      struct ticket_key_pair *out)
{
	uint64_t number;

	do {
		number = atomic_load(&keys->number);
		read_slot(keys, number, &out->current);
		read_slot(keys, number + TICKET_KEY_SLOTS - 1, &out->previous);
	} while (atomic_load(&keys->number) != number);
	out->has_previous = number > 1;
	return number > 0;
}
