/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One direction of a relay: where its stream of packets stands, and packets
 * of our own that wait to go in, which they only may between two packets.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attribute.h"
#include "base/backlog.h"
#include "base/slice.h"
#include "mqtt/scanner.h"
#include "policy/verdict.h"

#define FLOW_OWED_BYTES 4096 /* with more waiting its cause is not read on */

struct flow {
	struct mqtt_scanner scanner;
	bool is_dropping; /* the packet at hand does not go on */
	uint8_t late_len; /* of `late`; 0: none */
	uint8_t late[VERDICT_ANSWER_BYTES]; /* for the sender, then */
	struct backlog owed;                /* packets that wait to go in */
};

void flow_finish(struct flow *flow);

/* Whether the stream as passed on stands between two packets. */
bool flow_is_at_border(const struct flow *flow);

/* Whether packets wait; whether too many do. */
static inline bool flow_owes(const struct flow *flow)
{
	return flow->owed.data != NULL;
}

bool flow_owes_much(const struct flow *flow);

/* Keeps a packet of ours until a border; false: no memory. */
bool flow_owe(struct flow *flow, struct slice packet) MUST_CHECK;

/*
 * The sender of `flow` gets `answer`, which enters `back`: at once, or when
 * the packet at hand has come whole (flow_answer_late): then it is of
 * VERDICT_ANSWER_BYTES at most. False: no memory.
 */
bool flow_answer(struct flow *flow, struct flow *back,
                 struct slice answer) MUST_CHECK;

/* After each piece of a payload. */
bool flow_answer_late(struct flow *flow, struct flow *back) MUST_CHECK;
