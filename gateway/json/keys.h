/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keys of the objects that are open while a JSON text is read, to find one
 * that an object has twice.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attribute.h"

struct json_key {
	uint32_t begin; /* in the text that all keys stand in */
	uint32_t len;
};

/* Zeroed: none. */
struct json_keys {
	struct json_key *keys;
	size_t count;
	size_t size;
};

void json_keys_finish(struct json_keys *keys);

/* False: no memory. */
MUST_CHECK bool json_keys_add(struct json_keys *keys, struct json_key key);

/*
 * Takes off the keys from `first` on, those of the object that ends. False
 * when two of them are the same. Hostile keys cost no more than sorting them.
 */
MUST_CHECK bool json_keys_drop(struct json_keys *keys, size_t first,
                               const uint8_t *text);
