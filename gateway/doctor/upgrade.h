/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The handshake of a WebSocket [RFC 6455 4.1], as a browser makes it for a
 * page of some origin.
 *
 * Offers, besides the two dialects that a postern speaks, a name that nobody
 * knows: who takes that one takes any, so it is a channel, where every frame
 * would be published.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attribute.h"
#include "doctor/response.h"
#include "doctor/url.h"
#include "doctor/wire.h"

#define UPGRADE_BYTES 16384
#define UPGRADE_KEY_BYTES 25

#define UPGRADE_NOBODYS "doctor.postern.invalid"
#define UPGRADE_MQTT "mqtt"
#define UPGRADE_JSON "json.postern.v1"

enum upgrade_end {
	UPGRADE_ANSWERED = 0, /* `response` */
	UPGRADE_NOT_HTTP,     /* what came is in `buffer`, of `len` */
	UPGRADE_NO_ANSWER,    /* none in time: wire_end says why */
};

struct upgrade {
	char key[UPGRADE_KEY_BYTES]; /* Sec-WebSocket-Key */
	uint8_t buffer[UPGRADE_BYTES];
	size_t len;
	enum wire_end wire_end;
	struct response response;
};

/* Asks and waits for the answer. */
MUST_CHECK enum upgrade_end upgrade_ask(struct upgrade *upgrade,
                                        struct wire *wire,
                                        const struct url *url,
                                        const char *origin);

/* Whether an answer of 101 proves that it is one to our key. */
bool upgrade_is_accepted(const struct upgrade *upgrade);
