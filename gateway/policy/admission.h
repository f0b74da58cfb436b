/* SPDX-License-Identifier: Apache-2.0 */
/*
 * May this handshake come in, and by which route?
 *
 * The checks of origin-and-acl.md section 1, steps 1 to 9, in their order,
 * on what the front room has read from the request. Pure: no socket, no
 * clock, no log. Limits (step 10) are the worker's, it asks them last.
 */
#pragma once

#include <stdbool.h>

#include "base/close.h"
#include "base/slice.h"
#include "policy/header.h"

struct policy;
struct policy_listener;
struct policy_route;

struct handshake_request {
	bool is_get;
	bool is_http11;
	struct slice path; /* decoded and normalised once, by lws */
	struct header upgrade;
	struct header version; /* Sec-WebSocket-Version */
	struct header key;     /* Sec-WebSocket-Key */
	struct header content_length;
	struct header transfer_encoding;
	struct header host;
	struct header origin;
	struct header subprotocols; /* Sec-WebSocket-Protocol */
	bool has_token; /* a verified token that is no cookie came along */
};

struct admission {
	enum close_reason reason;         /* CLOSE_NONE: come in */
	const struct policy_route *route; /* from step 7 on, else NULL */
	struct slice subprotocol; /* in the client's bytes; len 0: none */
};

/* Judges a WebSocket handshake on `listener`. Borrows `request`. */
struct admission policy_admit(const struct policy *policy,
                              const struct policy_listener *listener,
                              const struct handshake_request *request);

/*
 * Judges a request that asks for no upgrade (steps 2, 6 and 7): which refusal
 * it gets. CLOSE_BAD_VERSION stands for "this path wants a WebSocket" (426).
 */
enum close_reason policy_refuse_plain(const struct policy *policy,
                                      const struct policy_listener *listener,
                                      const struct handshake_request *request);
