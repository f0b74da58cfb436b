/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MQTT in an open WebSocket, as its client: each call sends a packet and waits
 * for the answer to it. Reports nothing.
 *
 * What came stands in the fields below; the messages of the doctor itself are
 * told from others by their payload.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attribute.h"
#include "base/slice.h"
#include "doctor/talk.h"
#include "mqtt/scanner.h"

#define DIALOGUE_ID_BYTES 24
#define DIALOGUE_PAYLOAD_BYTES 48
#define DIALOGUE_REASON_BYTES 128

struct dialogue_answer {
	bool is_there;
	uint8_t code;
	double ms; /* since the last packet was sent */
};

struct dialogue {
	struct talk *talk; /* borrowed */
	uint8_t level;     /* 4 or 5 */
	uint64_t timeout_us;
	char client_id[DIALOGUE_ID_BYTES];
	uint16_t packet_id; /* the last one given */
	uint64_t sent_us;

	struct dialogue_answer connack;
	struct dialogue_answer suback;
	struct dialogue_answer puback;
	struct dialogue_answer message;     /* ours; always code 0 */
	char reason[DIALOGUE_REASON_BYTES]; /* the broker's text beside the
	                                       last code; "" */

	char payload[DIALOGUE_PAYLOAD_BYTES]; /* what was published last */
	struct mqtt_scanner scanner;
	bool is_in_publish; /* one is being received */
	uint8_t qos;        /* of that one, and the rest too */
	uint16_t its_id;
	uint8_t body[DIALOGUE_PAYLOAD_BYTES];
	size_t body_len; /* more than fits, when it is not ours */
};

void dialogue_init(struct dialogue *dialogue, struct talk *talk, uint8_t level,
                   unsigned timeout_s);
void dialogue_finish(struct dialogue *dialogue);

/* `user` may be NULL, and the data of `password`. */
MUST_CHECK enum talk_end dialogue_connect(struct dialogue *dialogue,
                                          const char *user,
                                          struct slice password);

/* Asks for QoS 1. */
MUST_CHECK enum talk_end dialogue_subscribe(struct dialogue *dialogue,
                                            const char *topic);

/* With QoS 1; waits for the PUBACK, not for the message. */
MUST_CHECK enum talk_end dialogue_publish(struct dialogue *dialogue,
                                          const char *topic);

/* Waits until `answer`, a field of `dialogue`, is there. */
MUST_CHECK enum talk_end dialogue_await(struct dialogue *dialogue,
                                        const struct dialogue_answer *answer);

/* Waits for nothing. */
MUST_CHECK enum talk_end dialogue_disconnect(struct dialogue *dialogue);
