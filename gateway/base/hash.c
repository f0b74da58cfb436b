/* SPDX-License-Identifier: Apache-2.0 */
#include "base/hash.h"

#include <errno.h>
#include <stddef.h>
#include <sys/random.h>

#include "base/failure.h"

#define WORD_BYTES 8
#define BYTE_BITS 8
/* All numbers below are those of the paper: Aumasson, Bernstein, 2012. */
#define ROUNDS_A_WORD 2
#define ROUNDS_AT_END 4

struct state {
	uint64_t v[4];
};

bool hash_seed_init(struct hash_seed *seed)
{
	return getrandom(seed, sizeof *seed, 0) == (ssize_t)sizeof *seed ||
	       failure_of("getrandom", errno);
}

static uint64_t turn(uint64_t word, unsigned bits)
{
	return word << bits | word >> (64 - bits);
}

/* One half of a round: adds and mixes two pairs of the state. */
static void mix(uint64_t *a, uint64_t *b, unsigned b_bits, uint64_t *c,
                uint64_t *d, unsigned d_bits)
{
	*a += *b;
	*c += *d;
	*b = turn(*b, b_bits) ^ *a;
	*d = turn(*d, d_bits) ^ *c;
	*a = turn(*a, 32);
}

static void stir(struct state *s, int rounds)
{
	for (int i = 0; i < rounds; i++) {
		mix(&s->v[0], &s->v[1], 13, &s->v[2], &s->v[3], 16);
		mix(&s->v[2], &s->v[1], 17, &s->v[0], &s->v[3], 21);
	}
}

static void take(struct state *s, uint64_t word)
{
	s->v[3] ^= word;
	stir(s, ROUNDS_A_WORD);
	s->v[0] ^= word;
}

/* The first octet is the lowest. */
static uint64_t read_word(const uint8_t *data, size_t len)
{
	uint64_t word = 0;

	while (len-- > 0)
		word = word << BYTE_BITS | data[len];
	return word;
}

uint64_t hash_slice(const struct hash_seed *seed, struct slice text)
{
	struct state s = { {
	    seed->words[0] ^ UINT64_C(0x736f6d6570736575),
	    seed->words[1] ^ UINT64_C(0x646f72616e646f6d),
	    seed->words[0] ^ UINT64_C(0x6c7967656e657261),
	    seed->words[1] ^ UINT64_C(0x7465646279746573),
	} };
	uint64_t len = (uint64_t)text.len << (7 * BYTE_BITS);

	while (text.len >= WORD_BYTES) {
		take(&s, read_word(text.data, WORD_BYTES));
		text.data += WORD_BYTES;
		text.len -= WORD_BYTES;
	}
	take(&s, len | read_word(text.data, text.len));
	s.v[2] ^= 0xff;
	stir(&s, ROUNDS_AT_END);
	return s.v[0] ^ s.v[1] ^ s.v[2] ^ s.v[3];
}
