/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What all pages of a worker share.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/attribute.h"
#include "config/config.h"
#include "upstream/client.h"
#include "upstream/stream.h"
#include "json/text.h"

/* What a page has, or all of them have together. */
struct page_load {
	size_t bytes;    /* that wait, for the page or for the broker */
	size_t requests; /* with our client, and not answered */
};

struct page_room {
	struct client_room *clients; /* NULL: nobody needs them */
	struct page_load load;
	struct json_text text; /* the frame being written */
};

/* False: no memory, or no thread. Finish it in either case. */
bool page_room_init(struct page_room *room, const struct config *config,
                    struct stream_room *streams, bool wants_clients) MUST_CHECK;

/* Ends its clients, before their streams' room closes. */
void page_room_close(struct page_room *room);

void page_room_finish(struct page_room *room);
