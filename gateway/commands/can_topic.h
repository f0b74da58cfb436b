/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The part of `postern can` that is about topics.
 */
#pragma once

#include "base/slice.h"
#include "config/config.h"
#include "policy/acl.h"
#include "policy/policy.h"

enum can_question {
	CAN_PUBLISH = 0,
	CAN_RETAIN,
	CAN_SUBSCRIBE,
	CAN_RECEIVE,
};

struct can_topic {
	const struct config *config; /* found good */
	const struct policy_route *route;
	enum can_question question;
	struct slice topic;         /* or filter */
	struct acl_subject subject; /* `client`: as its CONNECT says */
};

/*
 * Prints the verdict and what decided. Gives COMMAND_OK when it is allowed,
 * else COMMAND_FAILED. `can->subject` becomes what the ACL goes by.
 */
int can_topic(struct can_topic *can);
