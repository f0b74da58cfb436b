/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `json.postern.v1` in an open WebSocket, as a page speaks it: each call sends
 * a request and waits for the answer to it. Reports nothing.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attribute.h"
#include "base/slice.h"
#include "doctor/quote.h"
#include "doctor/talk.h"

#define EXCHANGE_ERROR_BYTES (2 * QUOTE_BYTES + 4)
#define EXCHANGE_PAYLOAD_BYTES 48

struct exchange_answer {
	bool is_there;
	bool is_success;
	double ms;                        /* since the request was sent */
	char error[EXCHANGE_ERROR_BYTES]; /* quoted; "" */
};

struct exchange {
	struct talk *talk; /* borrowed */
	uint64_t timeout_us;
	uint64_t sent_us;
	unsigned id; /* of the last request */

	bool is_connected;
	struct quote client_id;
	struct quote upstream;          /* of the last status; "" before one */
	struct exchange_answer ack;     /* to the last request */
	struct exchange_answer message; /* ours has come back */

	char payload[EXCHANGE_PAYLOAD_BYTES]; /* what was published last */
	size_t len;                           /* of `text` */
	uint8_t text[TALK_BYTES];             /* a message in several frames */
};

void exchange_init(struct exchange *exchange, struct talk *talk,
                   unsigned timeout_s);

/* Waits until the gateway is connected to the broker. */
MUST_CHECK enum talk_end exchange_connect(struct exchange *exchange);

/* With QoS 1. */
MUST_CHECK enum talk_end exchange_subscribe(struct exchange *exchange,
                                            const char *topic);

/* With QoS 1; waits for the ack, not for the message. */
MUST_CHECK enum talk_end exchange_publish(struct exchange *exchange,
                                          const char *topic);

MUST_CHECK enum talk_end exchange_await_message(struct exchange *exchange);
