/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes the frames that a page gets.
 *
 * Each makes `text` one whole frame, in place of what it held. `id` is the raw
 * JSON text that the page gave; empty: left out. Strings must be well-formed
 * UTF-8, payloads may be anything. False: no memory, and `text` is of no use.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attribute.h"
#include "base/slice.h"
#include "json/payload.h"
#include "json/properties.h"

struct json_error;
struct json_text;

struct json_connected {
	struct slice session;
	struct slice client_id;
	struct slice user; /* data is NULL: left out */
	uint32_t ping_interval_s;
	uint32_t expires_in_s; /* 0: left out */
	uint64_t packet_bytes;
	uint64_t messages_per_s; /* 0: no limit */
	uint64_t subscriptions;
	uint8_t mqtt_version; /* 4 or 5 */
	bool has_session;     /* the broker had one */
};

/* What became of one filter of a subscribe or unsubscribe. */
struct json_outcome {
	struct slice topic;
	uint8_t code; /* from 128 on: refused */
};

struct json_message {
	struct slice topic;
	struct slice payload;
	enum json_form form;
	uint8_t qos;
	bool is_retained;
	uint64_t seq;
	uint64_t ts_ms;
	struct json_properties properties;
};

enum json_upstream {
	JSON_UPSTREAM_UP = 0,
	JSON_UPSTREAM_RECONNECTING,
	JSON_UPSTREAM_DOWN,
};

enum json_drop {
	JSON_DROP_SLOW_CONSUMER = 0,
	JSON_DROP_RATE,
};

MUST_CHECK bool json_answer_connected(struct json_text *text,
                                      const struct json_connected *connected);

/* An ack of success. */
MUST_CHECK bool json_answer_ack(struct json_text *text, struct slice id,
                                uint8_t code);

/*
 * An ack of `count` outcomes, at least one: of success when all of them are.
 * Else with `error`; NULL: made from the code of the first refused one.
 */
MUST_CHECK bool json_answer_topics(struct json_text *text, struct slice id,
                                   const struct json_outcome *outcomes,
                                   size_t count,
                                   const struct json_error *error);

/* An ack of failure; without an id a frame of type `error`. */
MUST_CHECK bool json_answer_refusal(struct json_text *text, struct slice id,
                                    const struct json_error *error);

MUST_CHECK bool json_answer_message(struct json_text *text,
                                    const struct json_message *message);

/* The payload that came back for a request. */
MUST_CHECK bool json_answer_response(struct json_text *text, struct slice id,
                                     struct slice payload, enum json_form form);

/* `retry_in_ms` is left out of what says `up`. */
MUST_CHECK bool json_answer_status(struct json_text *text,
                                   enum json_upstream upstream, uint64_t queued,
                                   uint64_t retry_in_ms);

MUST_CHECK bool json_answer_dropped(struct json_text *text, struct slice topic,
                                    uint64_t count, enum json_drop reason);

MUST_CHECK bool json_answer_expiring(struct json_text *text, uint32_t in_s);

MUST_CHECK bool json_answer_pong(struct json_text *text, struct slice id);
