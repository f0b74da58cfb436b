/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which client id a browser may use, or gets: the setting `client_id`.
 *
 *   "any"              as the browser says
 *   "match:PATTERN"    only ids of that form
 *   "rewrite:PATTERN"  always this one, whatever the browser says
 *
 * A PATTERN is text with ${user} and ${client}; to rewrite also ${session}.
 * In `match`, ${user} is the user exactly and ${client} any text at all but
 * the empty one. Does not know who the user is, nor makes up a session.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/attribute.h"
#include "base/slice.h"

struct variable_piece;

#define CLIENT_ID_ANY "any" /* the setting's default */

enum client_id_kind {
	CLIENT_ID_KIND_ANY = 0,
	CLIENT_ID_KIND_MATCH,
	CLIENT_ID_KIND_REWRITE,
};

struct client_id_rule {
	enum client_id_kind kind;
	struct slice pattern; /* borrowed; empty for `any` */
	bool uses_user;
	bool uses_client;
	bool uses_session;
};

enum client_id_fault {
	CLIENT_ID_FINE = 0,
	CLIENT_ID_UNKNOWN, /* neither any, match: nor rewrite: */
	CLIENT_ID_NO_PATTERN,
	CLIENT_ID_OCTETS, /* no MQTT-UTF-8 */
	CLIENT_ID_TOO_LONG,
	CLIENT_ID_UNCLOSED_VARIABLE,
	CLIENT_ID_UNKNOWN_VARIABLE,
	CLIENT_ID_SESSION_MATCH, /* ${session} in a match */
	CLIENT_ID_TWO_CLIENTS,   /* ${client} twice in a match */
	CLIENT_ID_FAULTS,        /* how many there are */
};

/* Reads the setting. Borrows `text`; `out` is not touched when it is bad. */
MUST_CHECK enum client_id_fault client_id_read(struct slice text,
                                               struct client_id_rule *out);

/* What is wrong and what to write instead, for the operator. */
const char *client_id_fault_text(enum client_id_fault fault);

/* What the variables stand for; an empty slice is a missing value. */
struct client_id_values {
	struct slice user;
	struct slice client;  /* as the CONNECT gave it, maybe empty */
	struct slice session; /* fresh text */
};

/*
 * What a piece of a pattern is: its own text, or what its variable stands
 * for. Borrowed from either; empty where there is no value.
 */
struct slice client_id_text(const struct variable_piece *piece,
                            const struct client_id_values *values);

/*
 * The client id that goes upstream: `values->client`, or what was written
 * to `buffer`. false: refused, since a value that the pattern wants is
 * missing, the id has another form, or `size` octets do not hold it.
 */
MUST_CHECK bool client_id_apply(const struct client_id_rule *rule,
                                const struct client_id_values *values,
                                char *buffer, size_t size,
                                struct slice *result);
