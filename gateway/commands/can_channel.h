/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The part of `postern can` that is about channels: a page there does what
 * the route says, and nothing else.
 */
#pragma once

#include <stdbool.h>

struct can_topic;

/*
 * Whether the route, if it is a channel, carries what is asked for. Prints
 * the refusal when not; what the ACL says is not asked.
 */
bool can_channel(const struct can_topic *can);
