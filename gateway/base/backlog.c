/* SPDX-License-Identifier: Apache-2.0 */
#include "base/backlog.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

void backlog_finish(struct backlog *backlog)
{
	free(backlog->data);
	*backlog = (struct backlog){ 0 };
}

static bool make_room(struct backlog *backlog, size_t len)
{
	if (backlog->size - backlog->end >= len)
		return true;

	size_t waiting = backlog->end - backlog->start;
	size_t size = waiting + len > 2 * waiting ? waiting + len : 2 * waiting;
	uint8_t *grown = malloc(size);

	if (!grown)
		return false;
	if (waiting > 0)
		memcpy(grown, backlog->data + backlog->start, waiting);
	free(backlog->data);
	*backlog =
	    (struct backlog){ .data = grown, .end = waiting, .size = size };
	return true;
}

bool backlog_put(struct backlog *backlog, struct slice bytes)
{
	if (bytes.len == 0)
		return true;
	if (!make_room(backlog, bytes.len))
		return false;
	memcpy(backlog->data + backlog->end, bytes.data, bytes.len);
	backlog->end += bytes.len;
	return true;
}

struct slice backlog_peek(const struct backlog *backlog)
{
	return (struct slice){
		backlog->data ? backlog->data + backlog->start : NULL,
		backlog->end - backlog->start,
	};
}

void backlog_drop(struct backlog *backlog, size_t len)
{
	assert(len <= backlog->end - backlog->start);
	backlog->start += len;
	if (backlog->start == backlog->end)
		backlog_finish(backlog);
}
