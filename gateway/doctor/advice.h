/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an answer from the wire means on a postern, and which setting to look
 * at: the one list of it. Pure.
 *
 * Texts hold {origin}, {path}, {host}, {site}, {topic}, which advice_write
 * fills in.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

#define ADVICE_BYTES 1024

struct advice {
	const char *means;
	const char *mend;
};

/* What stands for the names in braces; written in quotes. */
struct advice_names {
	const char *origin; /* of the page */
	const char *path;   /* of the URL */
	const char *host;   /* with the port, as in Host */
	const char *site;   /* the URL's own origin */
	const char *topic;
};

struct advice_text {
	char text[ADVICE_BYTES];
};

/* A text of this room with its names filled in; lives as long as the
 * expression. */
struct advice_text advice_write(const char *text,
                                const struct advice_names *names);

/* Whether the body is the one that a postern sends with this status. */
bool advice_is_postern(unsigned status, struct slice body);

/* About an HTTP status other than 101, of a postern or of another server. */
const struct advice *advice_status(unsigned status, bool is_postern);

/* A CONNACK's code of MQTT 5, or of 3.1.1, as one of MQTT 5. */
uint8_t advice_code5(uint8_t level, uint8_t code);

/* About a CONNACK's code of MQTT 5. */
const struct advice *advice_connack(uint8_t code);

/* A reason code of MQTT 5 in words. */
const char *advice_reason(uint8_t code);

/* About a close frame: by its word where that is one of ours, else by its
 * code. */
const struct advice *advice_close(uint16_t code, const char *word);
