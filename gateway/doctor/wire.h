/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The octets to and from the server, plain or inside TLS, with a deadline for
 * every call.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <openssl/types.h>

#include "base/attribute.h"
#include "base/slice.h"

#define WIRE_FAULT_BYTES 128

enum wire_end {
	WIRE_FINE = 0,
	WIRE_CLOSED, /* in good order */
	WIRE_RESET,  /* the connection broke off */
	WIRE_LATE,   /* the deadline came first */
	WIRE_BROKEN, /* TLS failed: see `fault` */
};

struct wire {
	int fd;               /* -1: none */
	SSL *tls;             /* NULL: plain */
	uint64_t deadline_us; /* of the step under way */
	int fault;            /* the reason code of OpenSSL's last error */
	char fault_text[WIRE_FAULT_BYTES]; /* in its own words */
};

/* Takes `fd`, which does not block. */
void wire_init(struct wire *wire, int fd);

/* Closes at once; TLS says goodbye if it can. Twice does no harm. */
void wire_close(struct wire *wire);

/* Makes it TLS, with the handshake of `tls`, which it takes. */
MUST_CHECK enum wire_end wire_secure(struct wire *wire, SSL *tls);

/* All of `bytes`. */
MUST_CHECK enum wire_end wire_send(struct wire *wire, struct slice bytes);

/* At least one octet, `*len` of them. */
MUST_CHECK enum wire_end wire_receive(struct wire *wire, uint8_t *buffer,
                                      size_t size, size_t *len);
