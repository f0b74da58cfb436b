/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The `channel` kind: each message of the browser is the payload of one
 * PUBLISH, and each message of the broker one frame; topics are the route's.
 */
#pragma once

#include <stdbool.h>

#include "base/log.h"
#include "page/page.h"

struct session;

struct channel {
	struct page page;
	bool is_subscribed;          /* the broker has said so once */
	struct log_limit loss_limit; /* of lines about what was lost */
};

extern const struct session_kind kind_channel;
