/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which setting was meant by a name that does not exist.
 */
#pragma once

#include <stddef.h>

struct schema;

/* The name in `schema` most like `name`; NULL: none is like it. */
const char *nearest_name(const struct schema *schema, const char *name);

/*
 * How many letters must be put in, taken out, changed or swapped with their
 * neighbour to make `b` of `a`; SIZE_MAX when one of them is too long.
 */
size_t nearest_distance(const char *a, const char *b);
