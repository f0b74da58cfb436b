/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a session enters the broker: what becomes of a CONNECT on its way, and
 * of the CONNACK that answers it (origin-and-acl.md 6.6).
 *
 * The client id by the route's rule, the upstream's login in place of the
 * page's, no session left behind where the route keeps none, bounds of the
 * keep-alive and of what may be in flight.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attribute.h"
#include "base/close.h"
#include "base/slice.h"
#include "mqtt/connack.h"
#include "mqtt/connect.h"

struct policy_route;

/* Who the gateway itself knows to be there, before any CONNECT. */
struct entry_guest {
	bool is_asked;       /* for a certificate: nobody else is a user then */
	const char *user;    /* of the certificate; NULL: none; borrowed */
	const char *address; /* for address_property; NULL: none; borrowed */
};

struct entry {
	struct entry_guest guest; /* set by the owner */
	uint8_t level;   /* of CONNECT: 3, 4, 5; 0 until one was read */
	char *client_id; /* as the broker knows it; owned */
	char *user; /* verified, here or by the broker; NULL: none; owned */
	uint16_t keep_alive_s; /* as asked for; 0: none */
	bool has_auth_method;  /* asked for one; AUTH may follow */
	bool has_expiry;       /* asked for a session that lasts */
	bool has_assigned_id;  /* an empty one was replaced */
	bool has_less_alive;   /* the route's keep-alive was put in */
};

/* Why a CONNECT does not enter. */
struct entry_refusal {
	enum close_reason reason; /* CLOSE_NONE: it does */
	uint8_t code5;            /* in place of the reason's own, or 0 */
};

void entry_finish(struct entry *entry);

/*
 * Decides who enters: fills `entry` from a CONNECT of a session whose fresh
 * name is `session`. Nothing is rewritten yet.
 */
struct entry_refusal entry_judge(struct entry *entry,
                                 const struct policy_route *route,
                                 const struct mqtt_connect *connect,
                                 const char *session);

enum entry_write {
	ENTRY_SAME = 0, /* it goes as it came */
	ENTRY_WRITTEN,  /* *packet, to be freed, of *len octets goes instead */
	ENTRY_MEMORY,   /* there was none for it */
};

/* What goes to the broker for `connect`, which `entry` was judged by. */
enum entry_write entry_write_connect(struct entry *entry,
                                     const struct policy_route *route,
                                     const struct mqtt_connect *connect,
                                     uint8_t **packet, size_t *len);

/* The same for its CONNACK on the way to the browser; MQTT 5 only. */
enum entry_write entry_write_connack(const struct entry *entry,
                                     const struct policy_route *route,
                                     const struct mqtt_connack *connack,
                                     uint8_t **packet, size_t *len);

/* Whether the route takes no topic alias from the browser. */
bool entry_forbids_alias(const struct policy_route *route);

/* Whether each message for the browser is judged. */
bool entry_checks_delivery(const struct policy_route *route);
