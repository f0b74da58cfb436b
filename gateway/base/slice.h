/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bytes that belong to somebody else.
 *
 * A slice is borrowed: it is good until the call that it was handed to
 * returns. Whoever wants to keep the bytes copies them.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct slice {
	const uint8_t *data; /* may be NULL when len is 0 */
	size_t len;
};

/* The bytes of a C string, without its NUL. */
struct slice slice_from_text(const char *text);

/* Whether both hold the same bytes. */
bool slice_is(struct slice a, const char *text);
bool slice_equals(struct slice a, struct slice b);

/* Moves `s` past its first `len` bytes and gives those; `len` <= s->len. */
struct slice slice_take(struct slice *s, size_t len);

/* Copies `from` to `*at`, which moves behind the copy; gives the copy. */
struct slice slice_put(uint8_t **at, struct slice from);
