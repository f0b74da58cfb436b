/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a page asked the broker for and has no answer to yet, in the order it
 * asked.
 *
 * A request waits until it is sent, and is kept until the broker has answered:
 * when the connection is lost on the way it is sent again. Knows no network.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attribute.h"
#include "base/slice.h"
#include "upstream/client.h"
#include "upstream/message.h"

enum request_kind {
	REQUEST_PUBLISH = 0,
	REQUEST_SUBSCRIBE,
	REQUEST_UNSUBSCRIBE,
};

enum request_state {
	REQUEST_WAITING = 0,
	REQUEST_SENT,    /* to our client */
	REQUEST_PASSED,  /* QoS 1 and 2: on its way to the broker */
	REQUEST_WRITTEN, /* QoS 0: has left it, and not reached the relay yet */
};

struct request {
	struct request *next;
	enum request_kind kind;
	enum request_state state;
	uint64_t number;        /* its own, never 0 */
	uint64_t sent;          /* counts up as requests are sent */
	struct slice tag;       /* how the page will know it; may be empty */
	struct message message; /* PUBLISH */
	struct client_filter *filters; /* the others */
	size_t filter_count;
	size_t size;     /* octets that it is counted for */
	uint8_t bytes[]; /* what all slices point into */
};

/* Zeroed: empty. */
struct outbox {
	struct request *first;
	struct request *last;
	size_t count;
	size_t publishes; /* of these */
	size_t under_way; /* sent or written */
	size_t bytes;
	uint64_t numbers;
	uint64_t sends;
};

void outbox_finish(struct outbox *outbox);

/* Add a request, all copied, at the end; NULL: no memory. */
struct request *outbox_put_publish(struct outbox *outbox, struct slice tag,
                                   const struct message *message);
struct request *outbox_put_filters(struct outbox *outbox,
                                   enum request_kind kind, struct slice tag,
                                   const struct client_filter *filters,
                                   size_t count);

/* Moves a request that was put in last to the front. */
void outbox_hurry(struct outbox *outbox, struct request *request);

/* NULL: there is none such, or it has been answered. */
struct request *outbox_find(const struct outbox *outbox, uint64_t number);

/* The oldest one that waits; NULL: none does. */
struct request *outbox_next(const struct outbox *outbox);

void outbox_mark_sent(struct outbox *outbox, struct request *request);

/* It has to be sent once more. */
void outbox_mark_waiting(struct outbox *outbox, struct request *request);

/*
 * A PUBLISH of QoS 0 has passed the relay, which is all the answer there is:
 * gives the request that it was. Those that were sent before it were lost on
 * the way and wait again. NULL: none of them is of that topic and size.
 */
struct request *outbox_passed(struct outbox *outbox, struct slice topic,
                              size_t payload);

/*
 * The first PUBLISH of those sent that looks like this and has not passed the
 * relay; NULL: there is none. The other notes that it has passed.
 */
struct request *outbox_find_sent(const struct outbox *outbox, uint8_t qos,
                                 struct slice topic, size_t payload);
void outbox_mark_passed(struct outbox *outbox, uint8_t qos, struct slice topic,
                        size_t payload);

/*
 * The connection was lost: what was written and did not pass waits again. So
 * does what is subscribed to and from, whose answer will not come. A PUBLISH
 * that is with our client stays there.
 */
void outbox_lost(struct outbox *outbox);

/* Takes it out and frees it. */
void outbox_drop(struct outbox *outbox, struct request *request);
