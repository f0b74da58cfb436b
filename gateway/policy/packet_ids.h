/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A small set of packet identifiers [MQTT5 2.2.1]; empty, it holds no memory.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attribute.h"

/* Zeroed it is empty and good. */
struct packet_ids {
	uint16_t *list; /* in no order; NULL while empty */
	uint32_t count;
	uint32_t size;
};

enum packet_ids_put {
	PACKET_IDS_PUT = 0, /* it is in now, if it was not before */
	PACKET_IDS_FULL,    /* it would be one more than `most` */
	PACKET_IDS_MEMORY,
};

void packet_ids_finish(struct packet_ids *ids);

enum packet_ids_put packet_ids_put(struct packet_ids *ids, uint16_t id,
                                   uint32_t most) MUST_CHECK;

bool packet_ids_has(const struct packet_ids *ids, uint16_t id);

/* Takes it out; false: it was not in. */
bool packet_ids_drop(struct packet_ids *ids, uint16_t id);
