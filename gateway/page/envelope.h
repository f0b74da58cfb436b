/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The `json` kind: a page that speaks json.postern.v1, one JSON object in each
 * text frame.
 *
 *   envelope.c           life of the session, what comes from the page
 *   envelope_request.c   what it asks for
 *   envelope_subscribe.c   and of that, which topics it wants
 *   envelope_message.c   what it gets
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/attribute.h"
#include "base/slice.h"
#include "page/ask.h"
#include "page/interest.h"
#include "page/losses.h"
#include "page/outbox.h"
#include "page/page.h"
#include "upstream/message.h"
#include "json/answer.h"
#include "json/error.h"
#include "json/request.h"

struct session;

#define ENVELOPE_REPLY_BYTES 64

struct envelope {
	struct page page;
	struct interests interests;
	struct asks asks;
	struct losses rate_losses; /* of `max_rate`, not told yet */
	uint64_t seq;              /* of the last message */
	char reply_topic[ENVELOPE_REPLY_BYTES]; /* of its requests' responses */
	uint64_t reply_number; /* of the SUBSCRIBE to it, in the outbox */
	bool has_reply_topic;  /* is subscribed to it, or about to be */
};

extern const struct session_kind kind_json;

/* Of a session of this kind; NULL: it came to none, for want of memory. */
struct envelope *envelope_of(const struct session *session);

/* Does what the page asks for, or answers why not. */
void envelope_carry_out(struct session *session,
                        const struct json_request *request);

/* The broker has answered a request; see page/line.h. */
void envelope_answer(struct session *session, const struct request *request,
                     const uint8_t *codes, size_t count);

/*
 * Those of requests and answers that are about topics (envelope_subscribe.c).
 * False: no memory.
 */
void envelope_subscribe(struct session *session,
                        const struct json_request *request);
void envelope_unsubscribe(struct session *session,
                          const struct json_request *request);
bool envelope_subscribe_to_replies(struct session *session) MUST_CHECK;
void envelope_answer_filters(struct session *session,
                             const struct request *request,
                             const uint8_t *codes, size_t count);
void envelope_answer_reply_topic(struct session *session, uint8_t code);

/* Asks the broker, which has no session of ours, for all once more. */
void envelope_subscribe_again(struct session *session);

/* A message has come for the page. */
void envelope_deliver(struct session *session, const struct message *message);

/* Messages and requests whose time has come; sets the next one. */
void envelope_look(struct session *session);

/* Tells of what a page that was slow did not get. */
void envelope_tell_losses(struct session *session);

/* Sends the frame that the worker's text holds, if it `is_written`. */
void envelope_send(struct session *session, bool is_written);

/* An ack of failure, or an error where there is no id. */
void envelope_refuse(struct session *session, struct slice id,
                     const struct json_error *error);

void envelope_refuse_code(struct session *session, struct slice id,
                          uint8_t code, const char *message, bool is_temporary);

/* What to do about a refusal of the broker, or of our own rules. */
const char *envelope_advice(uint8_t code);
