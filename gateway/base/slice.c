/* SPDX-License-Identifier: Apache-2.0 */
#include "base/slice.h"

#include <assert.h>
#include <string.h>

struct slice slice_from_text(const char *text)
{
	return (struct slice){ (const uint8_t *)text, strlen(text) };
}

bool slice_is(struct slice a, const char *text)
{
	return slice_equals(a, slice_from_text(text));
}

bool slice_equals(struct slice a, struct slice b)
{
	return a.len == b.len &&
	       (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

struct slice slice_take(struct slice *s, size_t len)
{
	assert(len <= s->len);
	struct slice taken = { s->data, len };

	if (len > 0)
		s->data += len;
	s->len -= len;
	return taken;
}

struct slice slice_put(uint8_t **at, struct slice from)
{
	struct slice copy = { *at, from.len };

	if (from.len > 0)
		memcpy(*at, from.data, from.len);
	*at += from.len;
	return copy;
}
