/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The host and port that stand in an origin and in a Host header.
 *
 * A host is read into a name or an address, and hosts are compared as such,
 * never as text: `[::1]` is `[0:0:0:0:0:0:0:1]`, `127.1` is nothing at all.
 * Allocates nothing. Does not know who may come in.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/attribute.h"
#include "base/slice.h"

#define AUTHORITY_IPV4_LEN 4
#define AUTHORITY_IPV6_LEN 16

enum authority_kind {
	AUTHORITY_NAME = 0,
	AUTHORITY_IPV4,
	AUTHORITY_IPV6,
};

struct authority_host {
	enum authority_kind kind;
	struct slice name; /* borrowed, case as written; empty for addresses */
	uint8_t address[AUTHORITY_IPV6_LEN]; /* of IPv4 the first four */
};

enum authority_fault {
	AUTHORITY_FINE = 0,
	AUTHORITY_EMPTY,       /* no host at all */
	AUTHORITY_OCTET,       /* not a letter, digit, '-', '_' or '.' */
	AUTHORITY_BAD_IPV6,    /* a bracket, but no address in brackets */
	AUTHORITY_EMPTY_LABEL, /* two dots, or one at either end */
	AUTHORITY_TOO_LONG,    /* over 63 in a label or 253 in all */
	AUTHORITY_NUMBER,      /* ends like an address, but is none */
};

/*
 * Cuts `text` into the host, brackets included, and what follows it: empty,
 * or from the colon of the port on. Checks neither.
 */
void authority_split(struct slice text, struct slice *host, struct slice *port);

/* Reads a host: name, dotted quad, or IPv6 address in brackets. */
MUST_CHECK enum authority_fault authority_read_host(struct slice text,
                                                    struct authority_host *out);

/* Reads `text`, ":1" to ":65535" without leading zero; else false. */
MUST_CHECK bool authority_read_port(struct slice text, uint16_t *out);

/* Whether both are the same name, whatever its case, or the same address. */
bool authority_same_host(const struct authority_host *a,
                         const struct authority_host *b);

/* Whether `host` is a name that ends with a dot and `parent`, a name. */
bool authority_is_below(const struct authority_host *host,
                        const struct authority_host *parent);

/* Whether `host` is exactly localhost, 127.0.0.1 or [::1]. */
bool authority_is_loopback(const struct authority_host *host);
