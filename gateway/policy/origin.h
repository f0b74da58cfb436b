/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A web origin: where a page comes from.
 *
 * An entry of the configuration and the value that a browser presents are
 * read by one grammar into a tuple of scheme, host and port; only tuples are
 * ever compared (origin_list.h). Allocates nothing: a tuple points into the
 * text it was read from. Does not know `self` (policy.h expands it).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/attribute.h"
#include "base/slice.h"
#include "policy/authority.h"

enum origin_kind {
	ORIGIN_TUPLE = 0, /* scheme://host[:port] */
	ORIGIN_OPAQUE,    /* `null`: a sandboxed frame, a file, a data: page */
	ORIGIN_ANY,       /* the entry `*`: every tuple */
};

struct origin {
	enum origin_kind kind;
	struct slice scheme; /* borrowed, case as written */
	struct authority_host host;
	uint16_t port;      /* 0: the scheme has none by default */
	bool is_subdomains; /* entry `*.name`: the names below host */
	bool is_any_port;   /* entry with the port `*` */
};

/* What is wrong with an entry. */
enum origin_fault {
	ORIGIN_FINE = 0,
	ORIGIN_NO_SCHEME,
	ORIGIN_SOCKET_SCHEME, /* ws or wss */
	ORIGIN_FILE_SCHEME,
	ORIGIN_NOT_ASCII,
	ORIGIN_BLANK, /* or control octet */
	ORIGIN_PATH,  /* path, query or fragment */
	ORIGIN_USER,
	ORIGIN_NO_HOST,
	ORIGIN_BAD_NAME,
	ORIGIN_BAD_IPV6,
	ORIGIN_EMPTY_LABEL,
	ORIGIN_TOO_LONG,
	ORIGIN_NUMBER,
	ORIGIN_BAD_PORT,
	ORIGIN_STAR,        /* not a whole label in front */
	ORIGIN_STAR_SCHEME, /* `*.` with neither http nor https */
	ORIGIN_STAR_SHORT,  /* under it an address, or only one label */
	ORIGIN_STAR_PORT,   /* port `*` of a host that is not loopback */
	ORIGIN_NOT_PUBLIC,  /* no name that a listener may have */
	ORIGIN_FAULTS,      /* how many there are */
};

/* Reads an entry: origin, wildcard, `null` or `*`. Borrows `text`. */
MUST_CHECK enum origin_fault origin_read_entry(struct slice text,
                                               struct origin *out);

/* Reads a name of the gateway itself: http or https, no wildcard. */
MUST_CHECK enum origin_fault origin_read_public(struct slice text,
                                                struct origin *out);

/*
 * Reads what a browser presented, not trimmed: a plain tuple or `null`.
 * false: it is no origin.
 */
MUST_CHECK bool origin_read(struct slice value, struct origin *out);

/* What is wrong and what to write instead, for the operator. */
const char *origin_fault_text(enum origin_fault fault);
