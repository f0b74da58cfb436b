/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the thread that owns the clients tells the event loop. News own all
 * they hold.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attribute.h"
#include "base/mailbox.h"
#include "upstream/message.h"

enum news_type {
	NEWS_CONNECTED = 0, /* `has_session`, `receive_max` */
	NEWS_LOST,          /* connecting failed, or the connection is gone */
	NEWS_WRITTEN,       /* of QoS 0: on its way, nobody will answer */
	NEWS_ANSWERED,      /* `codes`, one for each filter, or the only one */
	NEWS_INTERRUPTED,   /* nobody will answer: it is to be asked again */
	NEWS_MESSAGE,       /* `message` */
	NEWS_BROKEN,        /* no memory to tell more: close it */
};

struct news {
	struct mailbox_item item;
	enum news_type type;
	uint64_t client;
	uint64_t number; /* of the order */
	bool has_session;
	uint16_t receive_max;
	size_t code_count;
	struct message message;
	uint8_t bytes[]; /* the codes, or what `message` points into */
};

/* With room for `size` bytes; NULL: no memory. */
struct news *news_create(enum news_type type, uint64_t client, uint64_t number,
                         size_t size);
void news_destroy(struct news *news);

/*
 * NEWS_MESSAGE; with room for `properties_size` octets of properties, which
 * come behind the payload (message.properties; its len is 0). NULL: no memory.
 */
struct news *news_of_message(uint64_t client, const struct message *message,
                             size_t properties_size);
