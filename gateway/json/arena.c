/* SPDX-License-Identifier: Apache-2.0 */
#include "json/arena.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#define ALIGNMENT alignof(max_align_t)

static void *take(void *owner, size_t size)
{
	struct json_arena *arena = owner;

	if (size > arena->size - arena->len)
		abort();
	arena->last = arena->len;
	arena->len += size;
	if (arena->len % ALIGNMENT != 0)
		arena->len += ALIGNMENT - arena->len % ALIGNMENT;
	if (arena->len > arena->size)
		arena->len = arena->size;
	return arena->memory + arena->last;
}

/* The last block grows where it is, another one moves. */
static void *grow(void *owner, void *block, size_t size)
{
	struct json_arena *arena = owner;
	size_t begin, len;

	if (block == NULL)
		return take(arena, size);
	begin = (size_t)((uint8_t *)block - arena->memory);
	len = arena->len - begin;
	if (begin == arena->last)
		arena->len = begin;

	uint8_t *grown = take(arena, size);

	if (grown != block)
		memcpy(grown, block, len < size ? len : size);
	return grown;
}

static void give_back(void *owner, void *block)
{
	(void)owner;
	(void)block;
}

yajl_alloc_funcs json_arena_functions(struct json_arena *arena)
{
	return (yajl_alloc_funcs){ take, grow, give_back, arena };
}
