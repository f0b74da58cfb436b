/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the event loop wants of the thread that owns the clients
 * (upstream/paho). An order owns all it holds: nothing in it points to
 * anything of the loop.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/mailbox.h"
#include "base/slice.h"
#include "upstream/message.h"

struct news;

enum order_type {
	ORDER_OPEN = 0, /* `settings`, `spare` */
	ORDER_CONNECT,
	ORDER_PUBLISH,     /* `number`, `message` */
	ORDER_SUBSCRIBE,   /* `number`, `filters` */
	ORDER_UNSUBSCRIBE, /* `number`, `filters` */
	ORDER_CLOSE,       /* the client is gone for good */
	ORDER_STOP,        /* the thread ends; no client is left */
};

struct order_filter {
	char *text; /* NUL-terminated; owned */
	uint8_t qos;
};

struct order_settings {
	char token[33];  /* what the client calls itself on loopback */
	uint16_t port;   /* where it connects to, on 127.0.0.1 */
	uint8_t version; /* 4 or 5 */
	uint16_t keep_alive_s;
	uint16_t connect_limit_s;
	uint32_t expiry_s; /* how long the broker keeps its session; 0: not */
	bool begins_clean; /* Clean Start, the first time */
	bool has_will;     /* `message` is it */
};

struct order {
	struct mailbox_item item;
	enum order_type type;
	uint64_t client; /* slot and generation */
	uint64_t number; /* of what is asked for; comes back in the news */
	struct message message; /* its topic has a NUL behind it */
	struct order_settings settings;
	struct news *spare; /* to tell when there is no memory; owned */
	size_t filter_count;
	struct order_filter *filters;
	uint8_t *bytes; /* what `message` points into */
};

/* NULL: no memory. */
struct order *order_create(enum order_type type, uint64_t client,
                           uint64_t number);
void order_destroy(struct order *order);

/* Copies it into the order; false: no memory. */
bool order_put_message(struct order *order,
                       const struct message *message) MUST_CHECK;

/* Adds room for `count` filters, then copies one of them in; false: none. */
bool order_put_filters(struct order *order, size_t count) MUST_CHECK;
bool order_put_filter(struct order *order, struct slice filter,
                      uint8_t qos) MUST_CHECK;
