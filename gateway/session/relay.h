/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The `mqtt` kind: packets pass, inspected and never terminated.
 *
 * A chunk goes from the read buffer of one socket to the write call of the
 * other, whole, without a copy. Packets are found as it passes; what is no
 * MQTT is not passed on. Nothing reaches the broker, not even a connection,
 * before a CONNECT was read whole and found valid.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/backlog.h"
#include "base/close.h"
#include "base/slice.h"
#include "mqtt/scanner.h"

struct config_limits;
struct session;

struct relay {
	struct mqtt_scanner up;   /* from the browser */
	struct mqtt_scanner down; /* from the broker */
	struct backlog held;      /* CONNECT, and the bytes that came with it */
	size_t connect_len;       /* of `held`; 0 until CONNECT was accepted */
	bool has_connack;         /* passed to the browser */
	bool has_disconnect;      /* from the browser, passed on */
	enum close_reason refusal; /* what the broker's refusal means */
};

void relay_init(struct relay *relay, const struct config_limits *limits);
void relay_finish(struct relay *relay);

/* Bytes from the browser; before and after the upstream is there. */
void relay_from_browser(struct session *session, struct slice piece);

/* The upstream is there: hands over what was held for it. */
void relay_begin(struct session *session);

/* Bytes from the broker, in the stream's own buffer with its headroom. */
void relay_from_broker(struct session *session, uint8_t *data, size_t len);

/* Why the session ends when the broker has closed. */
enum close_reason relay_end_reason(const struct session *session);

/*
 * Puts the packet that `reason` has for this browser's MQTT version on the
 * wire, if the stream stands at a packet border.
 */
void relay_say_farewell(struct session *session, enum close_reason reason);
