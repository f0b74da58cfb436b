/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finds the MQTT control packets in a byte stream as it passes by.
 *
 * The scanner owns no payload and never blocks: it is fed whatever arrived,
 * cut anywhere, and hands back the same bytes, in order, none added and none
 * lost, labelled as the head or the body of a packet. The head is the part a
 * judge must see whole: for PUBLISH all up to the payload, for every other
 * packet the packet itself. What it answers never depends on how the stream
 * was cut. Pure: no clock, no socket, no log.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"
#include "mqtt/protocol.h"

#define MQTT_SCANNER_INLINE 48 /* cut heads up to this need no heap */

enum mqtt_scan {
	MQTT_SCAN_MORE = 0,  /* input used up, nothing (more) to report */
	MQTT_SCAN_HEAD,      /* `out` is a whole head: decide what to do */
	MQTT_SCAN_BODY,      /* `out` is the next piece of the payload */
	MQTT_SCAN_MALFORMED, /* not MQTT [MQTT5 4.13]: close */
	MQTT_SCAN_TOO_LARGE, /* packet or head over the limit: close */
	MQTT_SCAN_MEMORY,    /* no memory to keep a head: close */
};

struct mqtt_scanner {
	enum mqtt_sender sender;
	uint32_t packet_bytes; /* largest Remaining Length let through */
	uint32_t head_bytes;   /* longest head */
	uint8_t level;         /* 3, 4 or 5; 0 until a CONNECT was read */

	enum mqtt_scan failed; /* the error that stands; MQTT_SCAN_MORE: none */
	uint8_t first;         /* first octet of the current packet */
	uint32_t body_left;    /* payload octets of it still to come */
	size_t head_len;       /* of the current head, as far as known by now */
	size_t stash_len;      /* octets of the current head kept so far */
	size_t stash_size;     /* room at `stash`; 0: `small` is in use */
	uint8_t *stash;        /* grows with what arrived; NULL: not needed */
	uint8_t small[MQTT_SCANNER_INLINE];
};

/* `packet_bytes` and `head_bytes` as above; level 0. */
void mqtt_scanner_init(struct mqtt_scanner *scanner, enum mqtt_sender sender,
                       uint32_t packet_bytes, uint32_t head_bytes);

/* Gives back the memory; the scanner may be thrown away in any state. */
void mqtt_scanner_finish(struct mqtt_scanner *scanner);

/*
 * Takes the next step through `in`, moving it past the octets used. `out`
 * points into `in` or into the scanner and dies with the next call. Call
 * again until the answer is MQTT_SCAN_MORE; after one of the three errors
 * the scanner only answers the same again.
 */
enum mqtt_scan mqtt_scan(struct mqtt_scanner *scanner, struct slice *in,
                         struct slice *out);

/* Whether the stream stands between two packets. */
bool mqtt_scanner_at_border(const struct mqtt_scanner *scanner);

/* Octets of a head that the scanner holds back until it is whole. */
size_t mqtt_scanner_held(const struct mqtt_scanner *scanner);
