/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/packet_ids.h"

#include <stdlib.h>

#define SIZE_FIRST 8

void packet_ids_finish(struct packet_ids *ids)
{
	free(ids->list);
	*ids = (struct packet_ids){ 0 };
}

static uint32_t find(const struct packet_ids *ids, uint16_t id)
{
	uint32_t at = 0;

	while (at < ids->count && ids->list[at] != id)
		at++;
	return at;
}

static bool grow(struct packet_ids *ids)
{
	uint32_t size = ids->size == 0 ? SIZE_FIRST : ids->size * 2;
	uint16_t *list = realloc(ids->list, size * sizeof(*list));

	if (!list)
		return false;
	ids->list = list;
	ids->size = size;
	return true;
}

enum packet_ids_put packet_ids_put(struct packet_ids *ids, uint16_t id,
                                   uint32_t most)
{
	if (find(ids, id) < ids->count)
		return PACKET_IDS_PUT;
	if (ids->count >= most)
		return PACKET_IDS_FULL;
	if (ids->count == ids->size && !grow(ids))
		return PACKET_IDS_MEMORY;
	ids->list[ids->count++] = id;
	return PACKET_IDS_PUT;
}

bool packet_ids_has(const struct packet_ids *ids, uint16_t id)
{
	return find(ids, id) < ids->count;
}

bool packet_ids_drop(struct packet_ids *ids, uint16_t id)
{
	uint32_t at = find(ids, id);

	if (at == ids->count)
		return false;
	ids->list[at] = ids->list[--ids->count];
	if (ids->count == 0)
		packet_ids_finish(ids);
	return true;
}
