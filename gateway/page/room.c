/* SPDX-License-Identifier: Apache-2.0 */
#include "page/room.h"

#include <assert.h>
#include <stddef.h>

static bool has_pages(const struct config *config)
{
	for (size_t i = 0; i < config->route_count; i++) {
		if (config->routes[i].kind != CONFIG_KIND_MQTT)
			return true;
	}
	return false;
}

bool page_room_init(struct page_room *room, const struct config *config,
                    struct stream_room *streams, bool wants_clients)
{
	json_text_init(&room->text);
	if (!wants_clients && !has_pages(config))
		return true;
	room->clients = client_room_create(streams);
	return room->clients != NULL;
}

void page_room_close(struct page_room *room)
{
	client_room_destroy(room->clients);
	room->clients = NULL;
}

void page_room_finish(struct page_room *room)
{
	assert(room->load.bytes == 0 && room->load.requests == 0);
	json_text_finish(&room->text);
}
