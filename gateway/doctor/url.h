/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The URL that a page hands to `new WebSocket()`, and the origin that a page
 * of the same place has. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attribute.h"
#include "base/slice.h"

#define URL_HOST_BYTES 256
#define URL_AUTHORITY_BYTES (URL_HOST_BYTES + 8) /* brackets, colon, port */
#define URL_ORIGIN_BYTES (URL_AUTHORITY_BYTES + 8)
#define URL_TARGET_BYTES 1024

struct url {
	bool is_secure;  /* wss */
	bool is_address; /* the host is one, no name */
	bool is_loopback;
	char host[URL_HOST_BYTES]; /* lower case; IPv6 without brackets */
	uint16_t port;
	char authority[URL_AUTHORITY_BYTES]; /* as in Host: without the usual
	                                        port, IPv6 in brackets */
	char target[URL_TARGET_BYTES];       /* path and query */
	size_t path_len;                     /* of it, the path */
};

enum url_fault {
	URL_FINE = 0,
	URL_NO_SCHEME,
	URL_HTTP,
	URL_HTTPS,
	URL_MQTT, /* or another scheme of brokers */
	URL_OTHER_SCHEME,
	URL_OCTET, /* blank, control or not ASCII */
	URL_USER,
	URL_FRAGMENT,
	URL_BAD_HOST,
	URL_BAD_PORT,
	URL_TOO_LONG,
	URL_FAULTS, /* how many there are */
};

/* On a fault `url` is not touched. */
MUST_CHECK enum url_fault url_read(const char *text, struct url *url);

/* What to write instead. */
const char *url_fault_text(enum url_fault fault);

/* The origin of a page from this host and port, as a browser writes it. */
void url_origin(const struct url *url, char origin[URL_ORIGIN_BYTES]);

struct slice url_path(const struct url *url);
