/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory for yajl, reserved before it is called: yajl writes to what malloc
 * gives without looking whether it gave any. Nothing is given back one by one.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <yajl/yajl_common.h>

struct json_arena {
	uint8_t *memory; /* aligned for anything */
	size_t size;
	size_t len;  /* given out */
	size_t last; /* where the block that can grow begins */
};

/* What yajl asks `arena` with; to ask for more than it has ends the process. */
yajl_alloc_funcs json_arena_functions(struct json_arena *arena);
