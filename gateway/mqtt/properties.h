/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The property lists of MQTT 5 [MQTT5 2.2.2].
 *
 * A list is a slice without the length before it. It is checked once, whole;
 * then single properties can be looked up in it. Knows which property belongs
 * in which packet, not which side may send it nor what it means there.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attribute.h"
#include "base/slice.h"
#include "mqtt/fault.h"
#include "mqtt/protocol.h"

struct mqtt_writer;

#define MQTT_PROPERTIES_MAX 64       /* properties in one packet */
#define MQTT_PROPERTIES_BYTES 16384u /* octets of them in one packet */

/* Where a list of the will stands, in place of a packet type. */
#define MQTT_PROPERTIES_WILL MQTT_RESERVED

enum mqtt_property_id {
	MQTT_PROPERTY_PAYLOAD_FORMAT = 0x01,
	MQTT_PROPERTY_MESSAGE_EXPIRY = 0x02,
	MQTT_PROPERTY_CONTENT_TYPE = 0x03,
	MQTT_PROPERTY_RESPONSE_TOPIC = 0x08,
	MQTT_PROPERTY_CORRELATION_DATA = 0x09,
	MQTT_PROPERTY_SUBSCRIPTION_ID = 0x0b,
	MQTT_PROPERTY_SESSION_EXPIRY = 0x11,
	MQTT_PROPERTY_ASSIGNED_CLIENT_ID = 0x12,
	MQTT_PROPERTY_SERVER_KEEP_ALIVE = 0x13,
	MQTT_PROPERTY_AUTH_METHOD = 0x15,
	MQTT_PROPERTY_AUTH_DATA = 0x16,
	MQTT_PROPERTY_REQUEST_PROBLEM = 0x17,
	MQTT_PROPERTY_WILL_DELAY = 0x18,
	MQTT_PROPERTY_REQUEST_RESPONSE = 0x19,
	MQTT_PROPERTY_RESPONSE_INFORMATION = 0x1a,
	MQTT_PROPERTY_SERVER_REFERENCE = 0x1c,
	MQTT_PROPERTY_REASON_STRING = 0x1f,
	MQTT_PROPERTY_RECEIVE_MAXIMUM = 0x21,
	MQTT_PROPERTY_TOPIC_ALIAS_MAXIMUM = 0x22,
	MQTT_PROPERTY_TOPIC_ALIAS = 0x23,
	MQTT_PROPERTY_MAXIMUM_QOS = 0x24,
	MQTT_PROPERTY_RETAIN_AVAILABLE = 0x25,
	MQTT_PROPERTY_USER = 0x26,
	MQTT_PROPERTY_MAXIMUM_PACKET = 0x27,
	MQTT_PROPERTY_WILDCARD_AVAILABLE = 0x28,
	MQTT_PROPERTY_SUBSCRIPTION_ID_AVAILABLE = 0x29,
	MQTT_PROPERTY_SHARED_AVAILABLE = 0x2a,
};

struct mqtt_property {
	enum mqtt_property_id id;
	uint32_t number;    /* of a property that is one */
	struct slice value; /* of a string, of binary, of a user property */
	struct slice name;  /* of a user property */
	struct slice whole; /* its octets, id included */
};

enum mqtt_properties_verdict {
	MQTT_PROPERTIES_OK = 0,
	MQTT_PROPERTIES_MALFORMED, /* unknown, out of place, cut, bad string */
	MQTT_PROPERTIES_PROTOCOL_ERROR, /* repeated, or a value not allowed */
	MQTT_PROPERTIES_TOO_MANY,       /* over the limits above */
};

/* What the lists of one packet hold so far; a new packet starts with zeros. */
struct mqtt_properties_used {
	size_t count;
	size_t bytes;
	uint64_t met; /* bit n: property n stands in one of them */
};

/* The bit of a property in a set of them. */
static inline uint64_t mqtt_properties_bit(enum mqtt_property_id id)
{
	return UINT64_C(1) << id;
}

/*
 * Takes the first property off `rest`; false when it is not a known one with
 * a value of its type. `rest` is not touched then, `property` of no use.
 */
MUST_CHECK bool mqtt_properties_take(struct slice *rest,
                                     struct mqtt_property *property);

/*
 * Whether `list` may stand in a packet of type `place`: each property known,
 * allowed there, its value in range, none twice that may be only once, and
 * with what is in `used` already not over the limits. Adds to `used`.
 */
MUST_CHECK enum mqtt_properties_verdict
mqtt_properties_check(struct slice list, enum mqtt_type place,
                      struct mqtt_properties_used *used);

/* The first property `id` in a checked list; false when there is none. */
MUST_CHECK bool mqtt_properties_find(struct slice list,
                                     enum mqtt_property_id id,
                                     struct mqtt_property *property);

/*
 * Takes a list with its length off the front of `rest`, checked as above; too
 * many properties are a fault of protocol. With a fault, what `rest` and
 * `list` hold is of no use.
 */
MUST_CHECK enum mqtt_fault
mqtt_properties_read(struct slice *rest, enum mqtt_type place,
                     struct mqtt_properties_used *used, struct slice *list);

/* Writes a checked list, except the properties of the set `without`. */
void mqtt_properties_copy(struct mqtt_writer *writer, struct slice list,
                          uint64_t without);

/*
 * Writes one property, by its id one with a number, or one with a string or
 * binary; what it may hold where is the caller's to know.
 */
void mqtt_properties_put_number(struct mqtt_writer *writer,
                                enum mqtt_property_id id, uint32_t number);
void mqtt_properties_put_string(struct mqtt_writer *writer,
                                enum mqtt_property_id id, struct slice string);
void mqtt_properties_put_user(struct mqtt_writer *writer, struct slice name,
                              struct slice value);
