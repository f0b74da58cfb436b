/* SPDX-License-Identifier: Apache-2.0 */
#include "json/keys.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_SIZE 16
#define FEW 12 /* are compared each with each */

void json_keys_finish(struct json_keys *keys)
{
	free(keys->keys);
	*keys = (struct json_keys){ 0 };
}

static bool grow(struct json_keys *keys)
{
	size_t size = keys->size > 0 ? keys->size * 2 : FIRST_SIZE;
	struct json_key *grown =
	    reallocarray(keys->keys, size, sizeof(keys->keys[0]));

	if (!grown)
		return false;
	keys->keys = grown;
	keys->size = size;
	return true;
}

bool json_keys_add(struct json_keys *keys, struct json_key key)
{
	if (keys->count == keys->size && !grow(keys))
		return false;
	keys->keys[keys->count++] = key;
	return true;
}

/* The shorter one comes first. */
static int compare(const void *one, const void *other, void *text)
{
	const struct json_key *a = one, *b = other;
	const uint8_t *octets = text;

	if (a->len != b->len)
		return a->len < b->len ? -1 : 1;
	return memcmp(octets + a->begin, octets + b->begin, a->len);
}

static bool few_are_unique(const struct json_key *keys, size_t count,
                           const uint8_t *text)
{
	for (size_t i = 1; i < count; i++) {
		for (size_t j = 0; j < i; j++) {
			if (compare(&keys[i], &keys[j], (void *)text) == 0)
				return false;
		}
	}
	return true;
}

static bool many_are_unique(struct json_key *keys, size_t count,
                            const uint8_t *text)
{
	qsort_r(keys, count, sizeof(keys[0]), compare, (void *)text);
	for (size_t i = 1; i < count; i++) {
		if (compare(&keys[i - 1], &keys[i], (void *)text) == 0)
			return false;
	}
	return true;
}

bool json_keys_drop(struct json_keys *keys, size_t first, const uint8_t *text)
{
	size_t count = keys->count - first;
	struct json_key *own;

	keys->count = first;
	if (count < 2)
		return true;
	own = keys->keys + first;
	return count <= FEW ? few_are_unique(own, count, text)
	                    : many_are_unique(own, count, text);
}
