/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the judge says of one packet.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/close.h"
#include "base/slice.h"
#include "mqtt/fault.h"
#include "mqtt/protocol.h"
#include "mqtt/publish.h"
#include "policy/packet_ids.h"

#define VERDICT_ANSWER_BYTES 8 /* room for any acknowledgement */

enum verdict_ruling {
	VERDICT_PASS = 0, /* it goes on as it came */
	VERDICT_REPLACE,  /* `packet` goes on in its place */
	VERDICT_DROP,     /* it does not go on, nor does its payload */
	VERDICT_CLOSE,    /* the session ends */
};

/* Its slices are good until the next verdict. */
struct verdict {
	enum verdict_ruling ruling;
	enum close_reason reason;    /* CLOSE: why */
	uint8_t code5;               /* CLOSE: for the reason's own, or 0 */
	struct slice packet;         /* REPLACE */
	struct slice answer;         /* to the sender, after its packet */
	struct mqtt_publish publish; /* of a PUBLISH that was read */
	uint8_t ack[VERDICT_ANSWER_BYTES]; /* a short `answer` */
	uint8_t *written; /* a long one, or `packet`; owned; NULL: none */
};

/* For one that was never used; verdict_clear gives back its memory. */
void verdict_init(struct verdict *verdict);

/* Makes it one that lets pass. */
void verdict_clear(struct verdict *verdict);

void verdict_close(struct verdict *verdict, enum close_reason reason);

/* A broken packet: from the browser, from the broker. */
void verdict_browser_fault(struct verdict *verdict, enum mqtt_fault fault);
void verdict_broker_fault(struct verdict *verdict);

/* Drops the packet and answers with one of `type`; `code` in MQTT 5 only. */
void verdict_answer(struct verdict *verdict, uint8_t level, enum mqtt_type type,
                    uint16_t packet_id, uint8_t code);

/* Notes an open QoS 2 message; with more than `most` the session ends. */
void verdict_open_message(struct verdict *verdict, struct packet_ids *ids,
                          uint16_t packet_id, uint32_t most);

/*
 * Room for a packet of ours, or NULL: no memory, and the verdict is to close.
 * Then says where it goes: on in place of the one judged, or back.
 */
uint8_t *verdict_begin(struct verdict *verdict, size_t size);
void verdict_replace(struct verdict *verdict, size_t len);
void verdict_send_back(struct verdict *verdict, size_t len);
