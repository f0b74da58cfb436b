/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the broker says when a page that speaks no MQTT vanishes: the route's
 * `will`, with the session's own names in it.
 */
#pragma once

#include <stdbool.h>

#include "base/attribute.h"
#include "upstream/message.h"

struct session;

struct will {
	bool is_set; /* the route has one */
	struct message message;
	char *topic; /* owned, as is the next */
	char *payload;
};

/* Writes that of a session whose line has its client id; false: no memory. */
bool will_write(struct will *will, const struct session *session) MUST_CHECK;

void will_finish(struct will *will);
